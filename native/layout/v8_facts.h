// SPDX-License-Identifier: MIT
// Facts from V8's API for code that includes none of its headers; v8/walker/ask_v8 gets them.
#ifndef TRACEMALLOC_LAYOUT_V8_FACTS_H_
#define TRACEMALLOC_LAYOUT_V8_FACTS_H_

#include <cstddef>
#include <cstdint>

namespace tracemalloc {

struct MemoryRange {
  uintptr_t begin = 0;
  size_t size = 0;
};

struct V8Facts {
  uintptr_t isolate = 0;
  MemoryRange builtins;    // in node's text
  MemoryRange code_range;  // where V8 puts code that it makes, and maybe a copy of the builtins
  MemoryRange entry_stub;
  // Instance types.
  int object_type = 0;           // of what a class of the program makes
  int last_api_object_type = 0;  // all functions' are above it
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_V8_FACTS_H_

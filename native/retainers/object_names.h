// SPDX-License-Identifier: MIT
// Names of keys, functions, classes and files, read from memory alone: nothing that a search has
// found is handed to V8, which would have to trust that it is alive.
#ifndef TRACEMALLOC_RETAINERS_OBJECT_NAMES_H_
#define TRACEMALLOC_RETAINERS_OBJECT_NAMES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "layout/bytecode/function_range.h"
#include "retainers/heap_objects.h"

namespace tracemalloc {

struct FunctionPlace {
  std::string name;  // empty: anonymous
  std::string filename;
  int32_t line = 0;  // 1-based; 0: unknown
  int32_t column = 0;
};

// Results are remembered, so nothing may be collected or changed while an instance is in use.
class ObjectNames {
 public:
  explicit ObjectNames(HeapObjects* objects) : objects_(objects) {}

  // A property's or variable's name; empty if it does not look like one of the source text: keys
  // may be data. Names that look like random text are left out, short words are not. A symbol is
  // shown as `Symbol(description)`.
  std::string KeyText(uintptr_t key);
  // The class that constructed it, else Object.
  std::string ClassOf(uintptr_t object);
  FunctionPlace PlaceOf(uintptr_t shared);
  // The text of a string of at most so many characters, as UTF-8; empty: another object.
  std::string Text(uintptr_t string, size_t most) { return Text(string, most, 0); }

 private:
  std::string Text(uintptr_t string, size_t most, int depth);
  std::string ClassOfMap(uintptr_t map);
  std::string FunctionName(uintptr_t shared);
  uintptr_t MapConstructor(uintptr_t map);
  uintptr_t ConstructorProperty(uintptr_t prototype);
  bool IsConstructorKey(uintptr_t key);
  void FindLine(uintptr_t script, int32_t position, FunctionPlace* place);

  HeapObjects* objects_;
  FunctionRanges ranges_;
  std::unordered_map<uintptr_t, std::string> classes_;   // by map
  std::unordered_map<uintptr_t, FunctionPlace> places_;  // by SharedFunctionInfo
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_RETAINERS_OBJECT_NAMES_H_

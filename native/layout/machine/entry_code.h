// SPDX-License-Identifier: MIT
// Reads from the instructions of V8's own code which field of an isolate holds its top JavaScript
// frame, and where bytecode handlers are called from.
#ifndef TRACEMALLOC_LAYOUT_MACHINE_ENTRY_CODE_H_
#define TRACEMALLOC_LAYOUT_MACHINE_ENTRY_CODE_H_

#include <cstddef>
#include <cstdint>

namespace tracemalloc {

// Fields of an isolate are given by their offset in it.
struct EntryCode {
  int32_t exit_frame_field;  // frame pointer of the innermost exit frame
  int saved_exit_slot;  // where an entry frame keeps that field's previous value, relative to its
                        // fp
};

constexpr size_t kEntryCodeSize = 160;  // bytes of JSEntry that are enough

// From the first bytes of JSEntry; false: it is not as expected.
bool ReadEntryCode(const uint8_t* code, size_t size, EntryCode* result);

struct HandlerCalls {
  int32_t dispatch_table_field = 0;
  // Offsets after the calls in the text. There are two, since V8 has a second trampoline for
  // external profilers.
  uintptr_t returns[2] = {0, 0};
};

// Searches the text of V8's builtins for where handlers are called; false: it is not as expected.
bool FindHandlerCalls(const uint8_t* text, size_t size, HandlerCalls* result);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_MACHINE_ENTRY_CODE_H_

// SPDX-License-Identifier: MIT
// The bytecode an interpreted frame is at. The frame's own slot is only written before calls that
// V8 deems to matter; a handler that allocates inline leaves an older offset there. Such a handler
// has a stub frame of its own, and its spilled registers hold the true offset.
#ifndef TRACEMALLOC_V8_INTERPRETED_OFFSET_H_
#define TRACEMALLOC_V8_INTERPRETED_OFFSET_H_

#include <cstdint>

namespace tracemalloc {

class BytecodeSizes;
class CodeSpace;
class HeapView;
struct PhysicalFrame;

struct InterpretedOffset {
  int32_t offset = -1;
  bool known = false;
};

InterpretedOffset FindInterpretedOffset(const HeapView& heap, const CodeSpace& code_space,
                                        const BytecodeSizes& sizes, const PhysicalFrame& frame,
                                        uintptr_t bytecode_array);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_INTERPRETED_OFFSET_H_

// SPDX-License-Identifier: MIT
// The bytecode an interpreted frame is at. The frame's own slot is only written before calls that
// V8 deems to matter; a handler that allocates inline leaves an older offset there. Such a handler
// has a stub frame of its own, and its spilled registers hold the true offset.
#ifndef TRACEMALLOC_LAYOUT_FRAMES_INTERPRETED_OFFSET_H_
#define TRACEMALLOC_LAYOUT_FRAMES_INTERPRETED_OFFSET_H_

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "layout/frames/code_place.h"

namespace tracemalloc {

class BytecodeSizes;
class CodeSpace;
class HeapView;
struct PhysicalFrame;

class InterpretedOffsets {
 public:
  BytecodeOffset Find(const HeapView& heap, const CodeSpace& code_space, const BytecodeSizes& sizes,
                      const PhysicalFrame& frame, uintptr_t bytecode_array);
  size_t MemoryUsage() const { return slots_.size() * 6 * sizeof(void*); }

 private:
  // Where the offset may be; a bit for each slot of the handler's frame.
  struct Slots {
    uint64_t current;  // it holds the offset of the bytecode handled
    uint64_t next;     // of the one after it
    bool saved;        // the interpreted frame's own slot holds the offset of the one handled
  };
  // By return address into a handler: the places that were possible every time. A handler spills
  // its offset to the same slot always, whereas another number that happens to look like one does
  // not do so for long. Handlers never move.
  std::unordered_map<uintptr_t, Slots> slots_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_INTERPRETED_OFFSET_H_

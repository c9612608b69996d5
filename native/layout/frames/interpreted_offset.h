// SPDX-License-Identifier: MIT
// Finds the bytecode that an interpreted frame is at. V8 writes the frame's own slot only before
// some calls; a handler that allocates inline leaves an older offset there. Such a handler has a
// stub frame of its own, and its spilled registers hold the true offset.
#ifndef TRACEMALLOC_LAYOUT_FRAMES_INTERPRETED_OFFSET_H_
#define TRACEMALLOC_LAYOUT_FRAMES_INTERPRETED_OFFSET_H_

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "layout/frames/code_place.h"
#include "layout/frames/frame_chain.h"
#include "layout/heap_view.h"

namespace tracemalloc {

class BytecodeSizes;
class CodeSpace;

class InterpretedOffsets {
 public:
  BytecodeOffset Find(const HeapView& heap, const CodeSpace& code_space, const BytecodeSizes& sizes,
                      const PhysicalFrame& frame, uintptr_t bytecode_array) {
    BytecodeOffset saved;
    uintptr_t slot;
    int32_t length;
    if (!heap.Load(frame.fp + kFrameBytecodeOffset, &slot) ||
        !heap.SmiField(bytecode_array, kArrayLength, &length)) {
      return saved;
    }
    if (HeapView::IsSmi(slot)) {
      saved.value = HeapView::SmiValue(slot) - (heap.layout().bytecode_data - 1);
      saved.is_known = saved.value >= -1 && saved.value < length;
    }
    if (frame.stub_pc == 0) return saved;
    return InHandler(heap, code_space, sizes, frame, bytecode_array, length, saved);
  }
  size_t MemoryUsage() const { return slots_.size() * 6 * sizeof(void*); }

 private:
  // `saved`: the offset in the frame's own slot.
  BytecodeOffset InHandler(const HeapView& heap, const CodeSpace& code_space,
                           const BytecodeSizes& sizes, const PhysicalFrame& frame,
                           uintptr_t bytecode_array, int32_t length, BytecodeOffset saved);

  // Where the offset may be; a bit for each slot of the handler's frame.
  struct Slots {
    uint64_t current;  // the slot holds the offset of the bytecode that is handled
    uint64_t next;     // the slot holds the offset of the bytecode after it
    bool saved;        // the interpreted frame's own slot holds the offset of the handled one
  };
  // By return address into a handler: the places that were possible every time. A handler always
  // spills its offset to the same slot, whereas a slot with another number does not look like an
  // offset for long. Handlers never move.
  std::unordered_map<uintptr_t, Slots> slots_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_INTERPRETED_OFFSET_H_

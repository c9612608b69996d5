// SPDX-License-Identifier: MIT
#include "layout/frames/optimized_positions.h"

#include <vector>

#include "layout/bytecode/function_positions.h"
#include "layout/frames/optimized_code.h"
#include "layout/heap_view.h"

namespace tracemalloc {
namespace {

// Maglev compiles a loop's first iteration separately from the others, and gives all code of the
// others the position at which the loop jumps back. For a call, the bytecode at which V8 would
// continue after it has the exact position; all other positions are approximate.
void CorrectPeeledLoops(const HeapView& heap, int32_t bytecode_offset, FunctionPositions* functions,
                        std::vector<OptimizedFrame>* frames) {
  for (OptimizedFrame& frame : *frames) {
    const uintptr_t bytecode_array = FunctionPositions::BytecodeOf(heap, frame.shared);
    if (!functions->IsLoopEnd(heap, bytecode_array, frame.position)) continue;
    int32_t position;
    frame.approximate = true;
    if (&frame == &frames->front() && bytecode_offset >= 0 &&
        functions->ExactlyAt(heap, bytecode_array, bytecode_offset, &position)) {
      frame.position = position;
      frame.approximate = false;
    }
  }
}

enum class Agreement { kUnknown, kYes, kNo };

// Whether this bytecode of the innermost frame is at the frame's position.
Agreement AgreesWith(const HeapView& heap, int32_t bytecode_offset,
                     const std::vector<OptimizedFrame>& frames, FunctionPositions* functions) {
  const OptimizedFrame& innermost = frames.front();
  const uintptr_t bytecode_array = FunctionPositions::BytecodeOf(heap, innermost.shared);
  int32_t position;
  if (bytecode_offset < 0 ||
      !functions->ExactlyAt(heap, bytecode_array, bytecode_offset, &position)) {
    return Agreement::kUnknown;  // V8 continues in a builtin, or has no position
  }
  return position == innermost.position ? Agreement::kYes : Agreement::kNo;
}

}  // namespace

bool OptimizedPositions::Find(const HeapView& heap, OptimizedCode* code, uintptr_t pc,
                              FunctionPositions* functions, OptimizedPlace* place) {
  place->frames.clear();
  if (!code->DecodeSafepoints(heap)) return false;
  const CodeObject& object = code->object();
  int32_t offset = static_cast<int32_t>(pc - object.start);
  const Safepoint* safepoint = code->safepoints().Find(offset);
  // If the code was deoptimized, the frame's return address may be the exit: it is replaced by that
  // of the call. Identical calls share one entry without an address; none of these can be
  // deoptimized.
  int32_t bytecode_offset = -1;
  if (safepoint != nullptr) {
    offset = safepoint->return_offset;
    if (!code->DeoptBytecode(heap, *safepoint, &bytecode_offset)) return false;
  }
  const bool may_allocate = safepoint == nullptr || safepoint->deopt_index < 0;
  // A return address belongs to the call before it.
  const PositionTable::Entry* entry = code->positions().Find(offset - 1);
  if (entry == nullptr || !code->Expand(entry->position, place)) return false;
  // Bytes that look like a jump may be none: if V8 has the call's bytecode, that decides. From V8
  // 12 on, TurboFan's slow paths have positions of their own, and the jumps to them may have
  // others' (in Node 22 on arm64, whose V8 selects instructions from TurboFan's older graph).
  const bool has_position = object.tier == Tier::kTurbofan && heap.layout().v8_major >= 12;
  if (!has_position &&
      AgreesWith(heap, bytecode_offset, place->frames, functions) != Agreement::kYes) {
    const CallOrigin origin = origins_.Find(heap, object, offset, entry->code_offset, may_allocate);
    if (origin.offset >= 0) {
      entry = code->positions().Find(origin.offset);
      if (entry == nullptr || !code->Expand(entry->position, place)) return false;
    }
    for (OptimizedFrame& frame : place->frames) frame.approximate = origin.approximate;
  }
  if (object.tier == Tier::kMaglev) {
    CorrectPeeledLoops(heap, bytecode_offset, functions, &place->frames);
  }
  place->frames.front().bytecode = bytecode_offset;
  return AgreesWith(heap, bytecode_offset, place->frames, functions) != Agreement::kNo;
}

}  // namespace tracemalloc

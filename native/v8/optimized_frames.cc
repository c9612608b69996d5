// SPDX-License-Identifier: MIT
#include "v8/optimized_frames.h"

#include "v8/deferred_code.h"
#include "v8/heap_view.h"

namespace tracemalloc {
namespace {

constexpr int64_t kInliningPositionSize = 16;  // int64 position, int32 function index, padding
constexpr int kMaxInliningDepth = 256;

// The inlined function's SharedFunctionInfo; literals may be weak references.
bool LiteralFunction(const HeapView& heap, uintptr_t literals, int32_t index, uintptr_t* shared) {
  int32_t length;
  if (!HeapView::IsHeapObject(literals) || !heap.SmiField(literals, kArrayLength, &length) ||
      index < 0 || index >= length || !heap.Field(literals, kArrayData + index * 8, shared)) {
    return false;
  }
  if ((*shared & 3) == 3) *shared &= ~uintptr_t{2};
  return heap.HasType(*shared, heap.layout().type_shared_function_info);
}

// The bytecode at which the innermost function would go on, -1 if the call does not tell. False if
// the call's deoptimisation data does not name the call.
bool DeoptBytecode(const HeapView& heap, uintptr_t deopt_data, Tier tier,
                   const Safepoint& safepoint, int32_t* bytecode_offset) {
  if (safepoint.deopt_index < 0) return true;
  // Three Smis: bytecode offset, translation, code offset.
  const int64_t index = heap.layout().deopt_first_entry + int64_t{3} * safepoint.deopt_index;
  int32_t length;
  int32_t code_offset;
  if (!heap.SmiField(deopt_data, kArrayLength, &length) || index + 3 > length) return false;
  const int field = static_cast<int>(kArrayData + 8 * index);
  return heap.SmiField(deopt_data, field, bytecode_offset) &&
         heap.SmiField(deopt_data, field + 16, &code_offset) &&
         code_offset == (tier == Tier::kMaglev ? safepoint.exit_offset : safepoint.return_offset);
}

}  // namespace

bool OptimizedFrames::Expand(const HeapView& heap, const CodeObject& code, uintptr_t shared,
                             uintptr_t pc, FunctionPositions* functions,
                             std::vector<OptimizedFrame>* frames) {
  const Layout& layout = heap.layout();
  frames->clear();
  uintptr_t positions;
  uintptr_t deopt_data;
  if (!heap.Field(code.object, layout.code_positions, &positions) ||
      !table_.Decode(heap, positions) ||
      !heap.Field(code.object, layout.code_deopt_data, &deopt_data) ||
      !HeapView::IsHeapObject(deopt_data) || !safepoints_.Decode(heap, code)) {
    return false;
  }
  int32_t offset = static_cast<int32_t>(pc - code.start);
  const Safepoint* safepoint = safepoints_.Find(offset);
  // Thrown-away code: the frame's return address was rewritten to the exit. Calls that differ in
  // nothing share one entry without an address; none of these can be thrown away.
  int32_t bytecode_offset = -1;
  if (safepoint != nullptr) {
    offset = safepoint->return_offset;
    if (!DeoptBytecode(heap, deopt_data, code.tier, *safepoint, &bytecode_offset)) return false;
  }
  const bool may_allocate = safepoint == nullptr || safepoint->deopt_index < 0;
  // A return address belongs to the call before it.
  const PositionTable::Entry* entry = table_.Find(offset - 1);
  if (entry == nullptr || !ExpandInlined(heap, deopt_data, entry->position, shared, frames)) {
    return false;
  }
  // What looks like a jump may be none: where V8 tells the call's bytecode, it decides.
  if (AgreesWith(heap, bytecode_offset, *frames, functions) != Agreement::kYes) {
    const Origin origin = FindOrigin(heap, code, offset, entry->code_offset, may_allocate);
    if (origin.offset >= 0) {
      frames->clear();
      entry = table_.Find(origin.offset);
      if (entry == nullptr || !ExpandInlined(heap, deopt_data, entry->position, shared, frames)) {
        return false;
      }
    }
    for (OptimizedFrame& frame : *frames) frame.approximate = origin.approximate;
  }
  if (code.tier == Tier::kMaglev) {
    CorrectPeeledLoops(heap, bytecode_offset, functions, frames);
  }
  return AgreesWith(heap, bytecode_offset, *frames, functions) != Agreement::kNo;
}

bool OptimizedFrames::ExpandInlined(const HeapView& heap, uintptr_t deopt_data,
                                    SourcePosition position, uintptr_t shared,
                                    std::vector<OptimizedFrame>* frames) const {
  const Layout& layout = heap.layout();
  uintptr_t literals = 0;
  uintptr_t data = 0;
  int32_t length = 0;
  if (position.inlining_id() >= 0) {
    uintptr_t inlining;
    if (!heap.Field(deopt_data, kArrayData + layout.deopt_literals * 8, &literals) ||
        !heap.Field(deopt_data, kArrayData + layout.deopt_inlining_positions * 8, &inlining) ||
        !heap.ByteArray(inlining, layout.type_inlining_positions, &data, &length)) {
      return false;
    }
  }
  while (position.inlining_id() >= 0) {
    const int32_t id = position.inlining_id();
    if ((id + 1) * kInliningPositionSize > length || frames->size() > kMaxInliningDepth) {
      return false;
    }
    int64_t caller;
    int32_t function;
    OptimizedFrame frame;
    frame.position = position.script_offset();
    if (!heap.Load(data + id * kInliningPositionSize, &caller) ||
        !heap.Load(data + id * kInliningPositionSize + 8, &function)) {
      return false;
    }
    if (function < 0) {
      frame.shared = shared;
    } else if (!LiteralFunction(heap, literals, function, &frame.shared)) {
      return false;
    }
    frames->push_back(frame);
    position.raw = caller;
  }
  OptimizedFrame outermost;
  outermost.shared = shared;
  outermost.position = position.script_offset();
  frames->push_back(outermost);
  return true;
}

// Maglev compiles a loop's first iteration apart from the others and then gives all code of the
// others the position at which the loop jumps back. For a call, the bytecode at which V8 would go
// on after it tells better; for the rest the position is only near.
void OptimizedFrames::CorrectPeeledLoops(const HeapView& heap, int32_t bytecode_offset,
                                         FunctionPositions* functions,
                                         std::vector<OptimizedFrame>* frames) const {
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

OptimizedFrames::Agreement OptimizedFrames::AgreesWith(const HeapView& heap,
                                                       int32_t bytecode_offset,
                                                       const std::vector<OptimizedFrame>& frames,
                                                       FunctionPositions* functions) {
  const OptimizedFrame& innermost = frames.front();
  const uintptr_t bytecode_array = FunctionPositions::BytecodeOf(heap, innermost.shared);
  int32_t position;
  if (bytecode_offset < 0 ||
      !functions->ExactlyAt(heap, bytecode_array, bytecode_offset, &position)) {
    return Agreement::kUnknown;  // a builtin goes on, or V8 does without a position
  }
  return position == innermost.position ? Agreement::kYes : Agreement::kNo;
}

OptimizedFrames::Origin OptimizedFrames::FindOrigin(const HeapView& heap, const CodeObject& code,
                                                    int32_t offset, int32_t own_entry,
                                                    bool may_allocate) {
  instructions_.resize(code.size);
  if (!heap.Copy(code.start, instructions_.data(), code.size)) return {};
  const uint8_t* instructions = instructions_.data();
  const size_t size = instructions_.size();
  // Before V8 12, TurboFan's inline allocations have no position.
  const bool lacks_position =
      may_allocate && heap.layout().v8_major < 12 && code.tier == Tier::kTurbofan;
  const ForwardJump jump = FindJumpBefore(instructions, size, offset);
  if (jump.target <= own_entry) {
    // Another slow path may lie between the call and what has that position.
    return {-1, lacks_position && JumpsBack(instructions, size, own_entry, offset, 0, own_entry)};
  }
  if (!lacks_position) return {jump.source, false};
  // What precedes the jump may be the statement before. The first thing done to a new object is to
  // store a field: that has a position. (Not always the map: a class's first is left out where its
  // constructor changes it.) It is this object's if the slow path leads back to between the two.
  constexpr int32_t kFarthest = 256;  // the slow path restores registers
  const int32_t store = FindFieldStore(instructions, size, jump.source);
  if (store < 0) return {jump.source, true};
  return {store,
          !JumpsBack(instructions, size, offset, offset + kFarthest, jump.source + 1, store)};
}

}  // namespace tracemalloc

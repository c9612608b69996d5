// SPDX-License-Identifier: MIT
#include "layout/frames/optimized_code.h"

#include <algorithm>

#include "layout/heap_view.h"

namespace tracemalloc {
namespace {

constexpr int64_t kInliningPositionSize = 16;  // int64 position, int32 function index, padding

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

}  // namespace

bool OptimizedCode::Decode(const HeapView& heap, const CodeObject& code, uintptr_t shared) {
  const Layout& layout = heap.layout();
  code_ = code;
  shared_ = shared;
  inlinings_.clear();
  uintptr_t positions;
  uintptr_t literals;
  uintptr_t inlining;
  uintptr_t data;
  int32_t length;
  if (!heap.Field(code.object, layout.code_positions, &positions) ||
      !positions_.Decode(heap, positions) ||
      !heap.Field(code.object, layout.code_deopt_data, &deopt_data_) ||
      !HeapView::IsHeapObject(deopt_data_)) {
    return false;
  }
  // Code that can never be deoptimized has none, and no inlined functions.
  if (!heap.Field(deopt_data_, kArrayData + layout.deopt_literals * 8, &literals) ||
      !heap.Field(deopt_data_, kArrayData + layout.deopt_inlining_positions * 8, &inlining) ||
      !heap.ByteArray(inlining, layout.type_inlining_positions, &data, &length)) {
    return true;
  }
  for (int32_t at = 0; at + kInliningPositionSize <= length; at += kInliningPositionSize) {
    Inlining inlined;
    int32_t function;
    if (!heap.Load(data + at, &inlined.caller.raw) || !heap.Load(data + at + 8, &function)) {
      return false;
    }
    if (function < 0) {
      inlined.function = shared;
    } else if (!LiteralFunction(heap, literals, function, &inlined.function)) {
      inlined.function = 0;
    }
    inlinings_.push_back(inlined);
  }
  return true;
}

uintptr_t OptimizedCode::FunctionAt(int32_t inlining_id) const {
  if (inlining_id < 0) return shared_;
  const size_t id = static_cast<size_t>(inlining_id);
  return id < inlinings_.size() ? inlinings_[id].function : 0;
}

bool OptimizedCode::Expand(SourcePosition position, OptimizedPlace* place) const {
  place->position = position;
  place->frames.clear();
  while (position.inlining_id() >= 0) {
    const size_t id = static_cast<size_t>(position.inlining_id());
    if (id >= inlinings_.size() || place->frames.size() > kMaxInliningDepth) return false;
    const Inlining& inlined = inlinings_[id];
    if (inlined.function == 0) return false;
    OptimizedFrame frame;
    frame.shared = inlined.function;
    frame.position = position.script_offset();
    place->frames.push_back(frame);
    position = inlined.caller;
  }
  OptimizedFrame outermost;
  outermost.shared = shared_;
  outermost.position = position.script_offset();
  place->frames.push_back(outermost);
  return true;
}

bool OptimizedCode::DeoptBytecode(const HeapView& heap, const Safepoint& safepoint,
                                  int32_t* bytecode_offset) const {
  if (safepoint.deopt_index < 0) return true;
  // Three Smis: bytecode offset, translation, code offset.
  const int64_t index = heap.layout().deopt_first_entry + int64_t{3} * safepoint.deopt_index;
  int32_t length;
  int32_t code_offset;
  if (!heap.SmiField(deopt_data_, kArrayLength, &length) || index + 3 > length) return false;
  const int field = static_cast<int>(kArrayData + 8 * index);
  return heap.SmiField(deopt_data_, field, bytecode_offset) &&
         heap.SmiField(deopt_data_, field + 16, &code_offset) &&
         code_offset ==
             (code_.tier == Tier::kMaglev ? safepoint.exit_offset : safepoint.return_offset);
}

bool OptimizedCode::HasCall(const HeapView& heap, SourcePosition position,
                            int32_t bytecode_offset) const {
  const auto is_here = [position](SourcePosition other) { return other.raw == position.raw; };
  if (std::any_of(inlinings_.begin(), inlinings_.end(),
                  [&](const Inlining& inlined) { return is_here(inlined.caller); })) {
    return true;
  }
  return std::any_of(
      safepoints_.entries().begin(), safepoints_.entries().end(), [&](const Safepoint& safepoint) {
        int32_t going_on = -1;
        const PositionTable::Entry* entry = positions_.Find(safepoint.return_offset - 1);
        return safepoint.deopt_index >= 0 && entry != nullptr && is_here(entry->position) &&
               DeoptBytecode(heap, safepoint, &going_on) && going_on == bytecode_offset;
      });
}

}  // namespace tracemalloc

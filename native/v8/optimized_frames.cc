// SPDX-License-Identifier: MIT
#include "v8/optimized_frames.h"

#include "v8/deferred_code.h"
#include "v8/heap_view.h"

namespace tracemalloc {
namespace {

constexpr int kInliningPositionSize = 16;  // int64 position, int32 function index, padding
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

}  // namespace

bool OptimizedFrames::Expand(const HeapView& heap, const CodeObject& code, uintptr_t pc,
                             std::vector<OptimizedFrame>* frames) {
  const Layout& layout = heap.layout();
  frames->clear();
  uintptr_t positions;
  if (!heap.Field(code.object, layout.code_positions, &positions) ||
      !table_.Decode(heap, positions)) {
    return false;
  }
  const PositionTable::Entry* entry = FindEntry(heap, code, static_cast<int32_t>(pc - code.start));
  if (entry == nullptr) return false;
  SourcePosition position = entry->position;
  if (position.inlining_id() >= 0) {
    uintptr_t deopt_data;
    uintptr_t literals;
    uintptr_t inlining;
    uintptr_t data;
    int32_t length;
    if (!heap.Field(code.object, layout.code_deopt_data, &deopt_data) ||
        !HeapView::IsHeapObject(deopt_data) ||
        !heap.Field(deopt_data, kArrayData + layout.deopt_literals * 8, &literals) ||
        !heap.Field(deopt_data, kArrayData + layout.deopt_inlining_positions * 8, &inlining) ||
        !heap.ByteArray(inlining, layout.type_inlining_positions, &data, &length)) {
      return false;
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
          !heap.Load(data + id * kInliningPositionSize + 8, &function) ||
          !LiteralFunction(heap, literals, function, &frame.shared)) {
        return false;
      }
      frames->push_back(frame);
      position.raw = caller;
    }
  }
  OptimizedFrame outermost;
  outermost.position = position.script_offset();
  frames->push_back(outermost);
  return true;
}

const PositionTable::Entry* OptimizedFrames::FindEntry(const HeapView& heap, const CodeObject& code,
                                                       int32_t offset) {
  // A return address belongs to the call before it.
  const PositionTable::Entry* entry = table_.Find(offset - 1);
  instructions_.resize(offset);
  if (entry == nullptr || !heap.Copy(code.start, instructions_.data(), offset)) return entry;
  const ForwardJump jump = FindJumpBefore(instructions_.data(), instructions_.size(), offset);
  return jump.target > entry->code_offset ? table_.Find(jump.source) : entry;
}

}  // namespace tracemalloc

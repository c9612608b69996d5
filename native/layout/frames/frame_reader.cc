// SPDX-License-Identifier: MIT
#include "layout/frames/frame_reader.h"

#include "layout/frames/baseline_positions.h"
#include "layout/object_offsets.h"

namespace tracemalloc {
namespace {}  // namespace

FrameReader::FrameReader(const Layout* layout, const V8Facts& v8)
    : layout_(layout),
      v8_(v8),
      checked_(layout, Memory::kChecked),
      functions_(layout->node_module_version),
      literals_(layout->node_module_version) {}

ReadResult FrameReader::Read(const HeapView& heap, const PhysicalFrame& frame,
                             const CodePlace& place, std::vector<SourceFrame>* out) {
  switch (place.kind) {
    case CodePlace::Kind::kNone:
      break;
    case CodePlace::Kind::kInterpreter:
      return ReadBytecode(heap, frame, place.code, place.offset, out);
    case CodePlace::Kind::kBuiltin:
      return ReadBuiltin(heap, frame, out);
    case CodePlace::Kind::kCompiled:
      return ReadCompiled(frame, out);
  }
  return ReadResult::kUnreadable;
}

bool FrameReader::ReadStack(const HeapView& heap, std::vector<SourceFrame>* out) {
  FrameChain chain = Chain(heap);
  PhysicalFrame frame;
  while (chain.Next(&frame)) {
    const CodePlace place = PlaceOf(heap, frame);
    if (place.kind == CodePlace::Kind::kInterpreter &&
        !heap.HasType(place.code, layout_->type_bytecode_array)) {
      return false;
    }
    if (Read(heap, frame, place, out) == ReadResult::kUnreadable) return false;
  }
  return true;
}

// The frame's pc is a builtin's first instruction then, which is no return address: V8 puts an int3
// before each builtin.
bool FrameReader::IsYetToRun(const HeapView& heap, const PhysicalFrame& frame,
                             const CodePlace& place) {
  constexpr uint8_t kInt3 = 0xCC;
  uint8_t before;
  return place.kind == CodePlace::Kind::kBuiltin && frame.is_innermost &&
         heap.Load(frame.pc - 1, &before) && before == kInt3;
}

ReadResult FrameReader::ReadBytecode(const HeapView& heap, const PhysicalFrame& frame,
                                     uintptr_t bytecode_array, BytecodeOffset offset,
                                     std::vector<SourceFrame>* out) {
  uintptr_t shared;
  if (!SharedOf(heap, frame, &shared)) return ReadResult::kUnreadable;
  SourceFrame result;
  result.tier = Tier::kInterpreter;
  const ReadResult identified = Identify(heap, shared, &result);
  if (identified != ReadResult::kFrames) return identified;
  PlaceAtBytecode(heap, bytecode_array, offset, &result);
  out->push_back(result);
  return ReadResult::kFrames;
}

ReadResult FrameReader::ReadBuiltin(const HeapView& heap, const PhysicalFrame& frame,
                                    std::vector<SourceFrame>* out) {
  uintptr_t shared;
  if (!SharedOf(heap, frame, &shared)) return ReadResult::kNotJavaScript;
  SourceFrame result;
  const ReadResult identified = Identify(heap, shared, &result);
  if (identified != ReadResult::kFrames) return ReadResult::kNotJavaScript;
  // With a user's function this is a trampoline around the interpreter: that of
  // --interpreted-frames-native-stack, or a deoptimised frame that continues there.
  uintptr_t bytecode_array;
  if (!heap.Load(frame.fp + kFrameBytecodeArray, &bytecode_array) ||
      bytecode_array != FunctionPositions::BytecodeOf(heap, shared)) {
    return ReadResult::kNotJavaScript;
  }
  return ReadBytecode(heap, frame, bytecode_array, InterpreterPlace(heap, frame).offset, out);
}

ReadResult FrameReader::ReadCompiled(const PhysicalFrame& frame, std::vector<SourceFrame>* out) {
  checked_.ForgetPages();
  const CodeObject* code = code_lookup_.Find(checked_, frame.pc);
  if (code == nullptr) return ReadResult::kUnreadable;
  if (code->tier == Tier::kOther) return ReadBuiltin(checked_, frame, out);
  uintptr_t shared;
  if (!SharedOf(checked_, frame, &shared)) return ReadResult::kUnreadable;
  SourceFrame outermost;
  outermost.tier = code->tier;
  const ReadResult identified = Identify(checked_, shared, &outermost);
  if (identified != ReadResult::kFrames) return identified;

  if (code->tier == Tier::kBaseline) {
    uintptr_t bytecode_array = 0;
    BytecodeOffset offset;
    offset.is_known = checked_.Load(frame.fp + kFrameBytecodeArray, &bytecode_array) &&
                      BaselineBytecodeOffset(checked_, functions_.sizes(), *code, bytecode_array,
                                             frame.pc, &offset.value);
    PlaceAtBytecode(checked_, bytecode_array, offset, &outermost);
    out->push_back(outermost);
  } else if (IsOff(code->tier) || !code_.Decode(checked_, *code, shared) ||
             !optimized_.Find(checked_, &code_, frame.pc, &functions_, &place_)) {
    Approximate(checked_, &outermost);
    out->push_back(outermost);
  } else {
    AppendLiteral(checked_, outermost, code_, place_, out);
  }
  return ReadResult::kFrames;
}

const CodeObject* FrameReader::OptimizedCodeAt(const HeapView& heap, const CodePlace& place) {
  const CodeObject* code = code_lookup_.Find(heap, place.code);
  const bool is_optimized =
      code != nullptr && (code->tier == Tier::kMaglev || code->tier == Tier::kTurbofan);
  return is_optimized && !IsOff(code->tier) ? code : nullptr;
}

void FrameReader::Append(const HeapView& heap, const SourceFrame& outermost,
                         const OptimizedPlace& place, std::vector<SourceFrame>* out) {
  for (const OptimizedFrame& inlined : place.frames) {
    SourceFrame result = outermost;
    if (Identify(heap, inlined.shared, &result) != ReadResult::kFrames) continue;
    result.key.position = inlined.position;
    if (inlined.approximate) result.key.flags |= kFrameApproximate;
    if (inlined.position < 0) Approximate(heap, &result);
    out->push_back(result);
  }
}

void FrameReader::AppendLiteral(const HeapView& heap, const SourceFrame& outermost,
                                const OptimizedCode& code, const OptimizedPlace& place,
                                std::vector<SourceFrame>* out) {
  const size_t first = out->size();
  Append(heap, outermost, place, out);
  if (first == out->size()) return;
  SourceFrame& innermost = (*out)[first];
  const OptimizedFrame& told = place.frames.front();
  if ((innermost.key.flags & kFrameApproximate) != 0 || innermost.shared != told.shared) return;
  const uintptr_t bytecode_array = FunctionPositions::BytecodeOf(heap, told.shared);
  const auto is_call = [&](int32_t offset) { return code.HasCall(heap, place.position, offset); };
  innermost.key.bytecode = told.bytecode >= 0
                               ? literals_.At(heap, bytecode_array, told.bytecode)
                               : literals_.AtPosition(heap, bytecode_array, told.position, is_call);
}

void FrameReader::PlaceAtBytecode(const HeapView& heap, uintptr_t bytecode_array,
                                  BytecodeOffset offset, SourceFrame* frame) {
  if (!offset.is_known || IsOff(frame->tier) ||
      !functions_.At(heap, bytecode_array, offset.value, &frame->key.position)) {
    return Approximate(heap, frame);
  }
  frame->key.bytecode = literals_.At(heap, bytecode_array, offset.value);
}

void FrameReader::Approximate(const HeapView& heap, SourceFrame* frame) {
  frame->key.flags |= kFrameApproximate;
  frame->key.position = -1;
  const uintptr_t bytecode_array = FunctionPositions::BytecodeOf(heap, frame->shared);
  if (bytecode_array == 0) return;
  // The first entry is the function's entry.
  functions_.At(heap, bytecode_array, -1, &frame->key.position);
}

// While V8 deoptimizes and allocates objects that optimized code had avoided, a frame has a marker
// in place of a closure that does not exist yet. Since V8 14, reading more than the marker's map is
// a fault.
bool FrameReader::SharedOf(const HeapView& heap, const PhysicalFrame& frame,
                           uintptr_t* shared) const {
  uintptr_t function;
  uintptr_t map;
  uint16_t type;
  return heap.Load(frame.fp + kFrameFunction, &function) && HeapView::IsHeapObject(function) &&
         heap.Field(function, 0, &map) && HeapView::IsHeapObject(map) &&
         heap.Field(map, kMapInstanceType, &type) && type > v8_.last_api_object_type &&
         heap.Field(function, layout_->function_shared, shared);
}

ReadResult FrameReader::Identify(const HeapView& heap, uintptr_t shared, SourceFrame* frame) const {
  if (!heap.HasType(shared, layout_->type_shared_function_info)) return ReadResult::kUnreadable;
  uintptr_t script;
  int32_t type;
  if (!heap.Field(shared, layout_->shared_script, &script)) return ReadResult::kUnreadable;
  if (!heap.HasType(script, layout_->type_script)) return ReadResult::kNotJavaScript;
  if (!heap.SmiField(script, layout_->script_type, &type) ||
      !heap.SmiField(script, layout_->script_id, &frame->key.script_id) ||
      !heap.Field(shared, layout_->shared_literal_id, &frame->key.function_id) ||
      frame->key.script_id <= 0 || frame->key.function_id < 0) {
    return ReadResult::kUnreadable;
  }
  if (type != kScriptTypeNormal) return ReadResult::kNotJavaScript;
  frame->shared = shared;
  frame->script = script;
  return ReadResult::kFrames;
}

}  // namespace tracemalloc

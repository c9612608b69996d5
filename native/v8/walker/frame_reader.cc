// SPDX-License-Identifier: MIT
#include "v8/walker/frame_reader.h"

#include <algorithm>

#include "layout/frames/baseline_positions.h"
#include "layout/verdicts/constructors.h"

namespace tracemalloc {
namespace {

constexpr int kScriptTypeNormal = 2;  // the others are V8's own, the inspector's, WebAssembly's

// While V8 rebuilds what an optimized function had never allocated, to go on without optimization,
// a frame has a marker in place of a closure that is still to come. From V8 14 on reading more than
// the marker's map is a fault.
bool SharedOf(const HeapView& heap, const V8Facts& v8, const PhysicalFrame& frame,
              uintptr_t* shared) {
  uintptr_t function;
  uintptr_t map;
  uint16_t type;
  return heap.Load(frame.fp + kFrameFunction, &function) && HeapView::IsHeapObject(function) &&
         heap.Field(function, 0, &map) && HeapView::IsHeapObject(map) &&
         heap.Field(map, kMapInstanceType, &type) &&
         type > v8.last_api_object_type &&  // as functions' are
         heap.Field(function, heap.layout().function_shared, shared);
}

}  // namespace

FrameReader::FrameReader(const Layout* layout, const V8Facts& v8)
    : layout_(layout),
      v8_(v8),
      checked_(layout, Memory::kChecked),
      functions_(layout->node_module_version),
      literals_(layout->node_module_version),
      consistency_(layout->node_module_version),
      matcher_(layout->node_module_version) {}

ReadResult FrameReader::Read(const HeapView& heap, const PhysicalFrame& frame,
                             std::vector<SourceFrame>* out) {
  const uintptr_t builtin = code_space_.NormalizedBuiltin(frame.pc);
  if (code_space_.IsInterpreterReturn(builtin)) {
    uintptr_t bytecode_array;
    if (!heap.Load(frame.fp + kFrameBytecodeArray, &bytecode_array) ||
        !heap.HasType(bytecode_array, layout_->type_bytecode_array)) {
      return ReadResult::kUnreadable;
    }
    return ReadInterpreted(heap, frame, bytecode_array, OffsetOf(heap, frame, bytecode_array), out);
  }
  if (builtin != 0) return ReadBuiltin(heap, frame, out);
  return ReadCompiled(frame, out);
}

bool FrameReader::ReadStack(const HeapView& heap, std::vector<SourceFrame>* out) {
  FrameChain chain(heap, code_space_.TopExitFrame(), code_space_.entry_saved_exit());
  PhysicalFrame frame;
  while (chain.Next(&frame)) {
    if (Read(heap, frame, out) == ReadResult::kUnreadable) return false;
  }
  return true;
}

ReadResult FrameReader::ReadInterpreted(const HeapView& heap, const PhysicalFrame& frame,
                                        uintptr_t bytecode_array, InterpretedOffset offset,
                                        std::vector<SourceFrame>* out) {
  uintptr_t shared;
  if (!SharedOf(heap, v8_, frame, &shared)) return ReadResult::kUnreadable;
  SourceFrame result;
  result.tier = Tier::kInterpreter;
  const ReadResult identified = Identify(heap, shared, &result);
  if (identified != ReadResult::kFrames) return identified;
  if (!offset.known || IsOff(Tier::kInterpreter) ||
      !functions_.At(heap, bytecode_array, offset.offset, &result.key.position)) {
    Approximate(heap, &result);
  } else {
    result.key.bytecode = literals_.At(heap, bytecode_array, offset.offset);
  }
  out->push_back(result);
  return ReadResult::kFrames;
}

ReadResult FrameReader::ReadCompiled(const PhysicalFrame& frame, std::vector<SourceFrame>* out) {
  checked_.ForgetPages();
  const CodeObject* code = code_lookup_.Find(checked_, frame.pc);
  if (code == nullptr) return ReadResult::kUnreadable;
  if (code->tier == Tier::kOther) return ReadBuiltin(checked_, frame, out);
  uintptr_t shared;
  if (!SharedOf(checked_, v8_, frame, &shared)) return ReadResult::kUnreadable;
  SourceFrame outermost;
  outermost.tier = code->tier;
  const ReadResult identified = Identify(checked_, shared, &outermost);
  if (identified != ReadResult::kFrames) return identified;

  if (code->tier == Tier::kBaseline) {
    uintptr_t bytecode_array;
    int32_t offset;
    if (IsOff(Tier::kBaseline) || !checked_.Load(frame.fp + kFrameBytecodeArray, &bytecode_array) ||
        !BaselineBytecodeOffset(checked_, sizes(), *code, bytecode_array, frame.pc, &offset) ||
        !functions_.At(checked_, bytecode_array, offset, &outermost.key.position)) {
      Approximate(checked_, &outermost);
    } else {
      outermost.key.bytecode = literals_.At(checked_, bytecode_array, offset);
    }
    out->push_back(outermost);
    return ReadResult::kFrames;
  }

  if (IsOff(code->tier) ||
      !optimized_.Expand(checked_, *code, outermost.shared, frame.pc, &functions_, &inlined_)) {
    Approximate(checked_, &outermost);
    out->push_back(outermost);
    return ReadResult::kFrames;
  }
  const size_t innermost = out->size();
  AppendInlined(outermost, out);
  if (innermost < out->size()) PlaceLiteral(&(*out)[innermost]);
  return ReadResult::kFrames;
}

void FrameReader::AppendInlined(const SourceFrame& outermost, std::vector<SourceFrame>* out) {
  for (const OptimizedFrame& inlined : inlined_) {
    SourceFrame result = outermost;
    if (Identify(checked_, inlined.shared, &result) != ReadResult::kFrames) continue;
    result.key.position = inlined.position;
    if (inlined.approximate) result.key.flags |= kFrameApproximate;
    if (inlined.position < 0) Approximate(checked_, &result);
    out->push_back(result);
  }
}

PlaceVerdict::Kind FrameReader::Judge(const AllocatingCode& allocating, uintptr_t object,
                                      std::vector<SourceFrame>* out) {
  using Kind = PlaceVerdict::Kind;
  using Construction = OptimizedFrames::Construction;
  using ObjectKind = ConsistencyGate::ObjectKind;
  checked_.ForgetPages();
  ObjectKind kind = consistency_.KindOf(checked_, object);
  // Before V8 12 TurboFan's inline allocations have no position. Otherwise elements are where a
  // position says, be it that an array grew there.
  const bool may_lack_position = allocating.bytecode_array == 0 && layout_->v8_major < 12;
  if (allocating.bytecode_array != 0) {
    if (kind == ObjectKind::kElements) kind = ObjectKind::kOther;
    switch (consistency_.MakerAt(checked_, allocating.bytecode_array, allocating.bytecode_offset,
                                 kind)) {
      case ConsistencyGate::Maker::kAnother:
        return Kind::kDoubtful;
      case ConsistencyGate::Maker::kWhatItCalls:
        return Kind::kAsTold;
      case ConsistencyGate::Maker::kItself:
        return Kind::kCertain;
    }
  }
  if (kind == ObjectKind::kOther || (kind == ObjectKind::kElements && !may_lack_position)) {
    return Kind::kAsTold;
  }
  const CodeObject* code = code_lookup_.Find(checked_, allocating.pc);
  SourceFrame outermost;
  uintptr_t shared;
  if (code == nullptr || IsOff(code->tier) ||
      !checked_.Field(allocating.function, layout_->function_shared, &shared) ||
      Identify(checked_, shared, &outermost) != ReadResult::kFrames) {
    return Kind::kAsTold;
  }
  outermost.tier = code->tier;
  if (code->tier != Tier::kMaglev && code->tier != Tier::kTurbofan) return Kind::kAsTold;
  FindConstructors(checked_, v8_, object, &constructors_);
  if (!constructors_.empty()) kind = ObjectKind::kInstance;
  // Maglev keeps a position for each allocation.
  if (code->tier == Tier::kTurbofan) {
    switch (optimized_.ExpandConstruction(checked_, *code, shared, allocating.pc, constructors_,
                                          &inlined_)) {
      case Construction::kNotHere:
        break;
      case Construction::kSeveral:
        return Kind::kDoubtful;
      case Construction::kOnlyPlace:
        AppendInlined(outermost, out);
        return Kind::kCertain;
      case Construction::kChosen:
        AppendInlined(outermost, out);
        return Kind::kCorrected;
    }
  }
  if (!optimized_.Expand(checked_, *code, shared, allocating.pc, &functions_, &inlined_)) {
    return Kind::kAsTold;
  }
  // V8 itself told the bytecode of a call: what a builtin makes may be anything.
  if (inlined_.front().bytecode >= 0) return Kind::kAsTold;
  const bool is_closure = kind == ObjectKind::kFunction;
  if (is_closure || kind == ObjectKind::kPlainObject) {
    const Kind found = FindLiteral(outermost, object, is_closure, out);
    if (found != Kind::kAsTold) return found;
  }
  return JudgeKind(outermost, kind, out);
}

PlaceVerdict::Kind FrameReader::FindLiteral(const SourceFrame& outermost, uintptr_t object,
                                            bool is_closure, std::vector<SourceFrame>* out) {
  using Kind = PlaceVerdict::Kind;
  if (!matcher_.Describe(checked_, object, is_closure)) return Kind::kAsTold;
  const int32_t count = optimized_.inlined_count();
  const auto bytecode_of = [&](int32_t id) {
    return FunctionPositions::BytecodeOf(checked_,
                                         optimized_.InlinedFunction(id, outermost.shared));
  };
  for (int32_t id = -1; id < count; ++id) matcher_.Learn(checked_, bytecode_of(id));
  struct Candidate {
    std::vector<OptimizedFrame> frames;
    bool is_told;
    LiteralMatch::Size size;
  };
  const std::vector<OptimizedFrame> told = inlined_;
  std::vector<Candidate> candidates;
  std::vector<LiteralMatch> matches;
  bool is_readable = true;
  for (int32_t id = -1; id < count && is_readable; ++id) {
    matches.clear();
    is_readable = matcher_.FindIn(checked_, bytecode_of(id), &matches);
    for (const LiteralMatch& match : matches) {
      const SourcePosition place = SourcePosition::In(id, match.bytecode.position);
      is_readable = is_readable && match.bytecode.position >= 0 &&
                    optimized_.ExpandPlace(place, outermost.shared, &inlined_);
      if (!is_readable) break;
      const bool is_told = std::equal(told.begin(), told.end(), inlined_.begin(), inlined_.end(),
                                      [](const OptimizedFrame& a, const OptimizedFrame& b) {
                                        return a.shared == b.shared && a.position == b.position;
                                      });
      inlined_.front().bytecode = match.bytecode.offset;
      candidates.push_back({inlined_, is_told, match.size});
    }
  }
  inlined_ = told;
  if (!is_readable) return Kind::kAsTold;
  const auto drop = [&](auto is_dropped) {
    candidates.erase(std::remove_if(candidates.begin(), candidates.end(), is_dropped),
                     candidates.end());
  };
  const auto has = [&](auto is_wanted) {
    return std::any_of(candidates.begin(), candidates.end(), is_wanted);
  };
  using Size = LiteralMatch::Size;
  if (has([](const Candidate& one) { return one.size == Size::kSame; })) {
    drop([](const Candidate& one) { return one.size == Size::kOther; });
  }
  // Several are left: the one that is told counts; if none is, or several are, nobody knows.
  if (has([](const Candidate& one) { return one.is_told; })) {
    drop([](const Candidate& one) { return !one.is_told; });
  }
  if (candidates.empty()) return Kind::kAsTold;
  if (candidates.size() > 1) {
    return candidates.front().is_told ? Kind::kAsTold : Kind::kDoubtful;
  }
  inlined_ = candidates.front().frames;
  const size_t innermost = out->size();
  AppendInlined(outermost, out);
  if (innermost < out->size()) PlaceLiteral(&(*out)[innermost]);
  return Kind::kCertain;
}

PlaceVerdict::Kind FrameReader::JudgeKind(const SourceFrame& outermost,
                                          ConsistencyGate::ObjectKind kind,
                                          std::vector<SourceFrame>* out) {
  using Kind = PlaceVerdict::Kind;
  const uintptr_t shared = outermost.shared;
  const OptimizedFrame& told = inlined_.front();
  if (consistency_.CanMake(checked_, told.shared, told.position, kind)) return Kind::kAsTold;
  // Is there one place in this code that can?
  SourcePosition only;
  int places = 0;
  std::vector<int32_t> positions;
  for (int32_t id = -1; id < optimized_.inlined_count(); ++id) {
    positions.clear();
    const uintptr_t function = optimized_.InlinedFunction(id, shared);
    if (!consistency_.FindMakers(checked_, function, kind, &positions)) return Kind::kDoubtful;
    for (const int32_t position : positions) {
      const SourcePosition place = SourcePosition::In(id, position);
      if (places > 0 && place.raw == only.raw) continue;
      only = place;
      ++places;
    }
  }
  if (places != 1 || !optimized_.ExpandPlace(only, shared, &inlined_)) return Kind::kDoubtful;
  AppendInlined(outermost, out);
  return Kind::kCertain;
}

ReadResult FrameReader::ReadBuiltin(const HeapView& heap, const PhysicalFrame& frame,
                                    std::vector<SourceFrame>* out) {
  uintptr_t shared;
  if (!SharedOf(heap, v8_, frame, &shared)) return ReadResult::kNotJavaScript;
  SourceFrame result;
  const ReadResult identified = Identify(heap, shared, &result);
  if (identified != ReadResult::kFrames) return ReadResult::kNotJavaScript;
  // With a user's function this is a trampoline around the interpreter: --interpreted-frames-
  // native-stack, or a deoptimised frame that goes on there.
  uintptr_t bytecode_array;
  if (!heap.Load(frame.fp + kFrameBytecodeArray, &bytecode_array) ||
      bytecode_array != FunctionPositions::BytecodeOf(heap, shared)) {
    return ReadResult::kNotJavaScript;
  }
  return ReadInterpreted(heap, frame, bytecode_array, OffsetOf(heap, frame, bytecode_array), out);
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

void FrameReader::PlaceLiteral(SourceFrame* frame) {
  const OptimizedFrame& innermost = inlined_.front();
  FrameKey& key = frame->key;
  if ((key.flags & kFrameApproximate) != 0 || frame->shared != innermost.shared) return;
  const uintptr_t bytecode_array = FunctionPositions::BytecodeOf(checked_, innermost.shared);
  key.bytecode = innermost.bytecode >= 0
                     ? literals_.At(checked_, bytecode_array, innermost.bytecode)
                     : literals_.AtPosition(
                           checked_, bytecode_array, innermost.position,
                           [this](int32_t offset) { return optimized_.HasCall(checked_, offset); });
}

void FrameReader::Approximate(const HeapView& heap, SourceFrame* frame) {
  frame->key.flags |= kFrameApproximate;
  frame->key.position = -1;
  const uintptr_t bytecode_array = FunctionPositions::BytecodeOf(heap, frame->shared);
  if (bytecode_array == 0) return;
  // The first entry is the function's entry.
  functions_.At(heap, bytecode_array, -1, &frame->key.position);
}

}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
#include "layout/verdicts/place_judge.h"

#include <algorithm>
#include <array>

#include "layout/verdicts/constructors.h"

namespace tracemalloc {
namespace {

bool AreSame(const OptimizedPlace& a, const OptimizedPlace& b) {
  return std::equal(a.frames.begin(), a.frames.end(), b.frames.begin(), b.frames.end(),
                    [](const OptimizedFrame& one, const OptimizedFrame& other) {
                      return one.shared == other.shared && one.position == other.position;
                    });
}

// From V8 14 on, Deoptimizer::ZapCode overwrites code that is not to run any more.
bool IsErased(const HeapView& heap, const CodeObject& code) {
  std::array<uint32_t, 4> words;
  return heap.Load(code.start, &words) &&
         std::all_of(words.begin(), words.end(), [&](uint32_t word) { return word == words[0]; });
}

}  // namespace

PlaceJudge::PlaceJudge(FrameReader* reader)
    : reader_(reader),
      heap_(&reader->layout(), Memory::kChecked),
      functions_(reader->layout().node_module_version),
      consistency_(reader->layout().node_module_version),
      matcher_(reader->layout().node_module_version),
      may_lack_position_(reader->layout().v8_major < 12),
      drops_objects_(reader->layout().v8_major >= 14) {}

Verdict PlaceJudge::Judge(const AllocatingCode& code, const JudgedObject& object,
                          std::vector<SourceFrame>* out) {
  heap_.ForgetPages();
  const ObjectKind kind = consistency_.KindOf(heap_, object.tagged);
  if (!code.place.is_compiled()) return JudgeBytecode(code.place, kind);
  // Where allocations have a position, that of elements is right, even if it is that of an array's
  // growth.
  const bool is_as_told =
      kind == ObjectKind::kOther || (kind == ObjectKind::kElements && !may_lack_position_);
  const Verdict verdict = is_as_told ? Verdict::kAsTold : JudgeOptimized(code, kind, object, out);
  if (verdict != Verdict::kAsTold) return verdict;
  return MayBeOfDropped(code, object) ? Verdict::kDoubtful : verdict;
}

bool PlaceJudge::MayBeOfDropped(const AllocatingCode& code, const JudgedObject& object) const {
  if (!drops_objects_ || object.in_block != JudgedObject::InBlock::kFirst) return false;
  const CodeObject* const optimized = reader_->OptimizedCodeAt(heap_, code.place);
  return optimized != nullptr && optimized->tier == Tier::kMaglev;
}

uintptr_t PlaceJudge::SignatureOf(const HeapView& heap, uintptr_t object) const {
  uintptr_t signature;
  return matcher_.ConstantOf(heap, object, consistency_.KindOf(heap, object), &signature) ||
                 heap.Field(object, 0, &signature)
             ? signature
             : 0;
}

Verdict PlaceJudge::JudgeBytecode(const CodePlace& place, ObjectKind kind) {
  if (kind == ObjectKind::kElements) kind = ObjectKind::kOther;
  switch (consistency_.MakerAt(heap_, place.code, place.offset.value, kind)) {
    case ConsistencyGate::Maker::kAnother:
      return Verdict::kDoubtful;
    case ConsistencyGate::Maker::kWhatItCalls:
      return Verdict::kAsTold;
    case ConsistencyGate::Maker::kItself:
      break;
  }
  return Verdict::kCertain;
}

Verdict PlaceJudge::JudgeOptimized(const AllocatingCode& allocating, ObjectKind kind,
                                   const JudgedObject& object, std::vector<SourceFrame>* out) {
  const CodeObject* code = reader_->OptimizedCodeAt(heap_, allocating.place);
  SourceFrame outermost;
  uintptr_t shared;
  if (code == nullptr ||
      !heap_.Field(allocating.function, reader_->layout().function_shared, &shared) ||
      reader_->Identify(heap_, shared, &outermost) != ReadResult::kFrames ||
      !code_.Decode(heap_, *code, shared)) {
    return Verdict::kAsTold;
  }
  if (IsErased(heap_, *code)) return Verdict::kDoubtful;
  outermost.tier = code->tier;
  const uintptr_t pc = allocating.place.code;
  FindConstructors(heap_, reader_->v8(), object.tagged, &constructors_);
  if (!constructors_.empty()) {
    kind = ObjectKind::kInstance;
  } else if (kind == ObjectKind::kPlainObject && matcher_.IsDerived(heap_, object.tagged)) {
    if (!may_lack_position_) return Verdict::kAsTold;
    kind = ObjectKind::kDerived;
  }
  // Maglev keeps a position for each allocation.
  if (code->tier == Tier::kTurbofan) {
    OptimizedPlace construction;
    switch (constructions_.Find(heap_, code_, pc, constructors_, &construction)) {
      case Construction::kNotHere:
        break;
      case Construction::kSeveral:
        return Verdict::kDoubtful;
      case Construction::kOnlyPlace:
        reader_->Append(heap_, outermost, construction, out);
        return Verdict::kCertain;
      case Construction::kChosen:
        reader_->Append(heap_, outermost, construction, out);
        return Verdict::kCorrected;
    }
  }
  if (!positions_.Find(heap_, &code_, pc, &functions_, &told_)) return Verdict::kAsTold;
  // V8 itself has the bytecode of a call: a builtin may allocate anything.
  if (told_.frames.front().bytecode >= 0) return Verdict::kAsTold;
  const Verdict found = FindLiteral(outermost, object, kind, out);
  if (found != Verdict::kAsTold) return found;
  return JudgeKind(outermost, kind, out);
}

Verdict PlaceJudge::FindLiteral(const SourceFrame& outermost, const JudgedObject& object,
                                ObjectKind kind, std::vector<SourceFrame>* out) {
  if (!matcher_.Describe(heap_, object.tagged, kind)) return Verdict::kAsTold;
  const int32_t count = code_.inlined_count();
  const auto bytecode_of = [&](int32_t id) {
    return FunctionPositions::BytecodeOf(heap_, code_.FunctionAt(id));
  };
  for (int32_t id = -1; id < count; ++id) matcher_.Learn(heap_, bytecode_of(id));
  struct Candidate {
    OptimizedPlace place;
    bool is_told;
    LiteralMatch::Size size;
  };
  std::vector<Candidate> candidates;
  std::vector<LiteralMatch> matches;
  for (int32_t id = -1; id < count; ++id) {
    matches.clear();
    if (!matcher_.FindIn(heap_, bytecode_of(id), &matches)) return Verdict::kAsTold;
    for (const LiteralMatch& match : matches) {
      const SourcePosition position = SourcePosition::In(id, match.bytecode.position);
      OptimizedPlace place;
      if (match.bytecode.position < 0 || !code_.Expand(position, &place)) return Verdict::kAsTold;
      place.frames.front().bytecode = match.bytecode.offset;
      candidates.push_back({place, AreSame(place, told_), match.size});
    }
  }
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
  // If several are left, the told one is taken, unless it was told of another object, too. If none
  // of them was told, or several were, the place is not known.
  const bool is_told_of_it = object.in_block != JudgedObject::InBlock::kLater;
  if (is_told_of_it && has([](const Candidate& one) { return one.is_told; })) {
    drop([](const Candidate& one) { return !one.is_told; });
  }
  if (candidates.empty()) return Verdict::kAsTold;
  if (candidates.size() > 1) {
    return is_told_of_it && candidates.front().is_told ? Verdict::kAsTold : Verdict::kDoubtful;
  }
  // `new Object()` makes such objects, too. A literal of four names has the same first map, and
  // makes objects of the same size.
  const Candidate& only = candidates.front();
  if (matcher_.MayHaveBegunEmpty() && !only.is_told &&
      (may_lack_position_ || only.size == Size::kOther)) {
    return Verdict::kDoubtful;
  }
  reader_->AppendLiteral(heap_, outermost, code_, candidates.front().place, out);
  return Verdict::kCertain;
}

// Where an allocation has no position, it gets that of the machine code before it, which may be a
// call's.
bool PlaceJudge::MayBeAnothers(ObjectKind kind) {
  if (!may_lack_position_) return false;
  for (int32_t id = -1; id < code_.inlined_count(); ++id) {
    if (consistency_.HasMaker(heap_, code_.FunctionAt(id), kind)) return true;
  }
  return false;
}

Verdict PlaceJudge::JudgeKind(const SourceFrame& outermost, ObjectKind kind,
                              std::vector<SourceFrame>* out) {
  const OptimizedFrame& told = told_.frames.front();
  switch (consistency_.CanMake(heap_, told.shared, told.position, kind)) {
    case ConsistencyGate::Possibility::kYes:
      return Verdict::kAsTold;
    case ConsistencyGate::Possibility::kByCall:
      return MayBeAnothers(kind) ? Verdict::kDoubtful : Verdict::kAsTold;
    case ConsistencyGate::Possibility::kNo:
      break;
  }
  // Looks for the only place in this code that can make such an object.
  SourcePosition only;
  int places = 0;
  std::vector<int32_t> positions;
  for (int32_t id = -1; id < code_.inlined_count(); ++id) {
    positions.clear();
    if (!consistency_.FindMakers(heap_, code_.FunctionAt(id), kind, &positions)) {
      return Verdict::kDoubtful;
    }
    for (const int32_t position : positions) {
      const SourcePosition place = SourcePosition::In(id, position);
      if (places > 0 && place.raw == only.raw) continue;
      only = place;
      ++places;
    }
  }
  OptimizedPlace place;
  if (places != 1 || !code_.Expand(only, &place)) return Verdict::kDoubtful;
  reader_->Append(heap_, outermost, place, out);
  return Verdict::kCertain;
}

}  // namespace tracemalloc

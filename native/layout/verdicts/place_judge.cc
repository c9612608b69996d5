// SPDX-License-Identifier: MIT
#include "layout/verdicts/place_judge.h"

#include <algorithm>

#include "layout/verdicts/constructors.h"

namespace tracemalloc {
namespace {

bool AreSame(const OptimizedPlace& a, const OptimizedPlace& b) {
  return std::equal(a.frames.begin(), a.frames.end(), b.frames.begin(), b.frames.end(),
                    [](const OptimizedFrame& one, const OptimizedFrame& other) {
                      return one.shared == other.shared && one.position == other.position;
                    });
}

}  // namespace

PlaceJudge::PlaceJudge(FrameReader* reader)
    : reader_(reader),
      heap_(&reader->layout(), Memory::kChecked),
      functions_(reader->layout().node_module_version),
      consistency_(reader->layout().node_module_version),
      matcher_(reader->layout().node_module_version) {}

Verdict PlaceJudge::Judge(const AllocatingCode& code, uintptr_t object,
                          std::vector<SourceFrame>* out) {
  heap_.ForgetPages();
  const ObjectKind kind = consistency_.KindOf(heap_, object);
  if (!code.place.is_compiled()) return JudgeBytecode(code.place, kind);
  // Before V8 12, TurboFan's inline allocations have no position. Since then the position of
  // elements is right, even if it is that of an array's growth.
  const bool may_lack_position = reader_->layout().v8_major < 12;
  if (kind == ObjectKind::kOther || (kind == ObjectKind::kElements && !may_lack_position)) {
    return Verdict::kAsTold;
  }
  return JudgeOptimized(code, kind, object, out);
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
                                   uintptr_t object, std::vector<SourceFrame>* out) {
  const CodeObject* code = reader_->OptimizedCodeAt(heap_, allocating.place);
  SourceFrame outermost;
  uintptr_t shared;
  if (code == nullptr ||
      !heap_.Field(allocating.function, reader_->layout().function_shared, &shared) ||
      reader_->Identify(heap_, shared, &outermost) != ReadResult::kFrames ||
      !code_.Decode(heap_, *code, shared)) {
    return Verdict::kAsTold;
  }
  outermost.tier = code->tier;
  const uintptr_t pc = allocating.place.code;
  FindConstructors(heap_, reader_->v8(), object, &constructors_);
  if (!constructors_.empty()) kind = ObjectKind::kInstance;
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
  const bool is_closure = kind == ObjectKind::kFunction;
  if (is_closure || kind == ObjectKind::kPlainObject) {
    const Verdict found = FindLiteral(outermost, object, is_closure, out);
    if (found != Verdict::kAsTold) return found;
  }
  return JudgeKind(outermost, kind, out);
}

Verdict PlaceJudge::FindLiteral(const SourceFrame& outermost, uintptr_t object, bool is_closure,
                                std::vector<SourceFrame>* out) {
  if (!matcher_.Describe(heap_, object, is_closure)) return Verdict::kAsTold;
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
  // If several are left, the told one counts; if none of them is told, or several are, the place is
  // not known.
  if (has([](const Candidate& one) { return one.is_told; })) {
    drop([](const Candidate& one) { return !one.is_told; });
  }
  if (candidates.empty()) return Verdict::kAsTold;
  if (candidates.size() > 1) {
    return candidates.front().is_told ? Verdict::kAsTold : Verdict::kDoubtful;
  }
  reader_->AppendLiteral(heap_, outermost, code_, candidates.front().place, out);
  return Verdict::kCertain;
}

Verdict PlaceJudge::JudgeKind(const SourceFrame& outermost, ObjectKind kind,
                              std::vector<SourceFrame>* out) {
  const OptimizedFrame& told = told_.frames.front();
  if (consistency_.CanMake(heap_, told.shared, told.position, kind)) return Verdict::kAsTold;
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

// SPDX-License-Identifier: MIT
// Checks or corrects the place of an allocation by the allocated object. The positions that machine
// code has for its own allocations are vague: the object's class, its literal, or at least its kind
// may show more. native/README.md describes all of it.
#ifndef TRACEMALLOC_LAYOUT_VERDICTS_PLACE_JUDGE_H_
#define TRACEMALLOC_LAYOUT_VERDICTS_PLACE_JUDGE_H_

#include <cstdint>
#include <vector>

#include "layout/bytecode/function_positions.h"
#include "layout/frames/frame_reader.h"
#include "layout/heap_view.h"
#include "layout/verdicts/consistency_gate.h"
#include "layout/verdicts/construction.h"
#include "layout/verdicts/literal_matcher.h"
#include "layout/verdicts/verdict.h"

namespace tracemalloc {

struct JudgedObject {
  // Where it is in the block that V8 reported. The told place may be that of the first object.
  enum class InBlock : uint8_t { kAlone, kFirst, kLater };

  uintptr_t tagged = 0;  // initialised
  InBlock in_block = InBlock::kAlone;
};

class PlaceJudge {
 public:
  // `reader` outlives the judge.
  explicit PlaceJudge(FrameReader* reader);

  // If corrected or certain, the frames of the code that made the object are appended, unless they
  // are as told.
  Verdict Judge(const AllocatingCode& code, const JudgedObject& object,
                std::vector<SourceFrame>* out);

  // Objects of the same signature get the same verdict at a place: what shows their literal
  // (LiteralMatcher::ConstantOf), or else their map. 0: unreadable.
  uintptr_t SignatureOf(const HeapView& heap, uintptr_t object) const;

 private:
  using ObjectKind = ConsistencyGate::ObjectKind;

  Verdict JudgeBytecode(const CodePlace& place, ObjectKind kind);
  // Puts the judged code into `code_`, and the told place of the object into `told_`.
  Verdict JudgeOptimized(const AllocatingCode& allocating, ObjectKind kind,
                         const JudgedObject& object, std::vector<SourceFrame>* out);
  // Finds the literal in the code that made the object. kAsTold: nothing new was found.
  Verdict FindLiteral(const SourceFrame& outermost, const JudgedObject& object, ObjectKind kind,
                      std::vector<SourceFrame>* out);
  // Whether the told frames are possible for an object of that kind.
  Verdict JudgeKind(const SourceFrame& outermost, ObjectKind kind, std::vector<SourceFrame>* out);

  // Whether the told place may be that of an object that was to precede it.
  bool MayBeOfDropped(const AllocatingCode& code, const JudgedObject& object) const;
  // Whether another bytecode than the told call may have made an object of that kind.
  bool MayBeAnothers(ObjectKind kind);

  FrameReader* reader_;
  HeapView heap_;
  FunctionPositions functions_;
  ConsistencyGate consistency_;
  LiteralMatcher matcher_;
  const bool may_lack_position_;  // before V8 12, TurboFan's inline allocations have none
  // From V8 14 on, Maglev's escape analysis drops objects from a block, which keeps the place of
  // the first one: `AllocationBlock`, src/maglev/maglev-ir.h.
  const bool drops_objects_;
  Constructions constructions_;
  OptimizedPositions positions_;
  OptimizedCode code_;
  OptimizedPlace told_;
  std::vector<uintptr_t> constructors_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_VERDICTS_PLACE_JUDGE_H_

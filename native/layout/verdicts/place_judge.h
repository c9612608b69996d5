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

class PlaceJudge {
 public:
  // `reader` outlives the judge.
  explicit PlaceJudge(FrameReader* reader);

  // `object`: tagged, initialised. If corrected or certain, the frames of the code that made it are
  // appended, unless they are as told.
  Verdict Judge(const AllocatingCode& code, uintptr_t object, std::vector<SourceFrame>* out);

 private:
  using ObjectKind = ConsistencyGate::ObjectKind;

  Verdict JudgeBytecode(const CodePlace& place, ObjectKind kind);
  // Puts the judged code into `code_`, and the told place of the object into `told_`.
  Verdict JudgeOptimized(const AllocatingCode& allocating, ObjectKind kind, uintptr_t object,
                         std::vector<SourceFrame>* out);
  // Finds the literal in the code that made the object. kAsTold: nothing new was found.
  Verdict FindLiteral(const SourceFrame& outermost, uintptr_t object, bool is_closure,
                      std::vector<SourceFrame>* out);
  // Whether the told frames are possible for an object of that kind.
  Verdict JudgeKind(const SourceFrame& outermost, ObjectKind kind, std::vector<SourceFrame>* out);

  FrameReader* reader_;
  HeapView heap_;
  FunctionPositions functions_;
  ConsistencyGate consistency_;
  LiteralMatcher matcher_;
  Constructions constructions_;
  OptimizedPositions positions_;
  OptimizedCode code_;
  OptimizedPlace told_;
  std::vector<uintptr_t> constructors_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_VERDICTS_PLACE_JUDGE_H_

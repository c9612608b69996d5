// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_LAYOUT_VERDICTS_VERDICT_H_
#define TRACEMALLOC_LAYOUT_VERDICTS_VERDICT_H_

namespace tracemalloc {

// What an object tells of the frames that were read while it was allocated.
enum class Verdict {
  kAsTold,
  kCorrected,  // by where the code makes such an object, of several places
  kCertain,    // at the only place where the code makes such an object, or as told: no frames
  kDoubtful,
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_VERDICTS_VERDICT_H_

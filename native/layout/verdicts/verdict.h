// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_LAYOUT_VERDICTS_VERDICT_H_
#define TRACEMALLOC_LAYOUT_VERDICTS_VERDICT_H_

namespace tracemalloc {

// What the object shows about the frames that were read at its allocation.
enum class Verdict {
  kAsTold,
  kCorrected,  // to one of several places where the code makes such an object
  kCertain,    // the only place where the code makes such an object; no frames: as told
  kDoubtful,
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_VERDICTS_VERDICT_H_

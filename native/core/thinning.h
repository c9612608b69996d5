// SPDX-License-Identifier: MIT
// Thins live samples, so that their number is bounded whatever the size of the heap: some are
// dropped, and the others stand for more, as if all had been drawn at a coarser interval.
//
// A sample of s bytes was picked with a probability p1 and counts for B = s/p1 bytes. At the
// interval R it would have been picked with p2 = 1 - exp(-s/R). If p2 < p1, it is kept with the
// probability q = p2/p1, and counts for B/q = s/p2 bytes then: picked by both, it has the
// probability p1·q = p2. So the estimate of the size has no bias, nor has that of the count, which
// is divided by q likewise. The variance's estimate B·(B - e), with e the bytes of the sample's
// objects (see sampler.h), becomes that of the coarser interval, B/q·(B/q - e). A sample with
// p2 >= p1 stays as it is. Chance decides for each sample alone.
#ifndef TRACEMALLOC_CORE_THINNING_H_
#define TRACEMALLOC_CORE_THINNING_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace tracemalloc {

// Live samples of objects, and of buffers, that a thread may have. A row with 1 % of the heap then
// has some 300, and an error near 6 %.
constexpr size_t kMostLiveSamples = 32768;
constexpr size_t kMostLiveBuffers = 8192;
// Thinning leaves this share, so that it is not due again at once.
constexpr double kShareLeft = 0.8;

// What a sample stands for.
struct SampleFigures {
  double size;
  double count;
  double variance;
};

// Finds the interval at which a number of samples would be left.
class ThinningInterval {
 public:
  // `size`: a sample's estimated bytes.
  void Count(double size) {
    const double steps = std::log2(std::max(size, 1.0)) * kStepsPerDoubling;
    counts_[std::min(static_cast<size_t>(steps), kSteps - 1)]++;
  }

  // About `most` samples are left at it: of samples with the estimate B, at most B/R of 1 each,
  // since 1 - exp(-x) <= x.
  double ThatLeaves(double most) const {
    size_t step = 0;
    while (step < kSteps && LeftAt(SizeOf(step)) > most) step++;
    return SizeOf(step);
  }

 private:
  static constexpr size_t kStepsPerDoubling = 8;
  static constexpr size_t kSteps = 48 * kStepsPerDoubling;

  static double SizeOf(size_t step) {
    return std::exp2(static_cast<double>(step) / kStepsPerDoubling);
  }

  double LeftAt(double interval) const {
    double left = 0;
    for (size_t step = 0; step < kSteps; step++) {
      if (counts_[step] > 0) left += counts_[step] * std::min(1.0, SizeOf(step) / interval);
    }
    return left;
  }

  uint32_t counts_[kSteps] = {};
};

// False: the sample is dropped. `bytes`: those it was picked by; `chance`: uniform in (0, 1].
inline bool Thin(double bytes, double interval, double chance, SampleFigures* sample) {
  const double kept = -std::expm1(-bytes / interval) * sample->size / bytes;
  if (kept >= 1) return true;
  if (chance > kept) return false;
  const double own = sample->size - sample->variance / sample->size;
  sample->size /= kept;
  sample->count /= kept;
  sample->variance = sample->size * (sample->size - own);
  return true;
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_THINNING_H_

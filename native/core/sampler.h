// SPDX-License-Identifier: MIT
// Poisson sampling by bytes: the formulas, in one place.
//
// Sample points fall on the stream of allocated bytes as a Poisson process with mean distance R
// (the sample interval). An allocation of s bytes is picked when at least one point falls into it:
//     p = 1 - exp(-s/R).
// A picked allocation stands for w = 1/p of its kind, so with X the indicator of being picked
//     E[X·w]   = 1          (count estimate w, unbiased)
//     E[X·s·w] = s          (size estimate s·w, unbiased)
//     Var[X·s·w] = s²w²·p(1-p) = s²·(w-1).
// The variance is itself estimated from picked allocations only: X·s²·w·(w-1) has the expectation
// p·s²·w·(w-1) = s²·(w-1), the true variance. Allocations are picked independently, so a site's
// variance is the sum over its samples; its square root is the standard error of the site's size.
//
// A block may hold several objects, or begin in what the previous block stands for (see
// sample_points.h). Let S be the bytes of a block for which only its sample stands, B = S·w its
// estimate, and e the bytes among them of an object: given the block, the object is picked with the
// probability e/S, and then has all of B:
//     E[B] = p·(e/S)·S·w = e          (so the objects' sizes are estimated without bias)
//     E[B/s] = e/s                    (count, with s the object's size; all its parts make 1)
//     Var[B] = B·e - e² = e·(B-e), estimated by B·(B-e) whenever it is picked.
// The last is SampleVariance(e, B/e), and s²·w·(w-1) where the block is one object.
//
// R = 1 means every allocation, exactly: w is then 1 and the variance 0, not 1/(1-e^-s).
#ifndef TRACEMALLOC_CORE_SAMPLER_H_
#define TRACEMALLOC_CORE_SAMPLER_H_

#include <cmath>
#include <cstdint>

namespace tracemalloc {

inline double SampleWeight(double size, double interval) {
  if (interval <= 1) return 1;
  return -1 / std::expm1(-size / interval);
}

inline double SampleVariance(double size, double weight) {
  return size * size * weight * (weight - 1);
}

// Distances between sample points, exponentially distributed. xorshift128+ seeded by splitmix64,
// since with one fixed seed every process of a fleet would pick the same allocations.
class Sampler {
 public:
  Sampler(double interval, uint64_t seed) : interval_(interval) {
    for (uint64_t& word : state_) {
      seed += 0x9E3779B97F4A7C15ull;
      uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
      word = z ^ (z >> 31);
    }
  }

  // In (0, 1].
  double NextUniform() {
    uint64_t a = state_[0];
    const uint64_t b = state_[1];
    state_[0] = b;
    a ^= a << 23;
    state_[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
    return static_cast<double>(((state_[1] + b) >> 11) + 1) * 0x1.0p-53;
  }

  // Bytes to the next sample point, at least 1.
  double NextDistance() {
    if (interval_ <= 1) return 1;
    const double distance = -std::log(NextUniform()) * interval_;
    return distance < 1 ? 1 : distance;
  }

  double interval() const { return interval_; }
  void set_interval(double interval) { interval_ = interval; }

 private:
  double interval_;
  uint64_t state_[2];
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_SAMPLER_H_

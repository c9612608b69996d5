// SPDX-License-Identifier: MIT
// A sample interval that rises while samples come faster than a budget, and falls back afterwards.
// The budget per second is the number of samples of 100 MiB at the requested interval, since a
// shorter interval asks for more samples. It is bounded, since a sample costs up to two
// microseconds.
//
// It changes only between samples, and each sample is weighted with the interval in force when its
// distance was drawn. The next distance depends on the past alone, so every single sample stays
// unbiased; and since distances between sample points are memoryless, a new one may be drawn after
// each change.
#ifndef TRACEMALLOC_CORE_ADAPTIVE_INTERVAL_H_
#define TRACEMALLOC_CORE_ADAPTIVE_INTERVAL_H_

#include <algorithm>
#include <cstdint>

namespace tracemalloc {

class AdaptiveInterval {
 public:
  // An interval of 1 means every allocation, and stays.
  explicit AdaptiveInterval(double base)
      : base_(base), budget_(std::clamp(kBytesPerSecond / base, 200.0, 2000.0)), current_(base) {}

  double current() const { return current_; }

  // To be called after a sample. True when the interval has changed. `now`: seconds, monotonic.
  bool OnSample(double now) {
    const bool fell = OnTime(now);
    if (base_ <= 1 || ++samples_ <= budget_) return fell;
    current_ *= 2;
    Begin(now);
    return true;
  }

  // The same without a sample: the interval falls back as time passes.
  bool OnTime(double now) {
    if (now - begin_ < kWindow) return false;
    const double before = current_;
    // Below a quarter of the budget; halving doubles the samples, so there is room on both sides.
    if (samples_ * 4 < budget_ * (now - begin_)) {
      for (double quiet = now - begin_; quiet >= kWindow && current_ > base_; quiet -= kWindow) {
        current_ /= 2;
      }
    }
    Begin(now);
    return current_ != before;
  }

 private:
  static constexpr double kBytesPerSecond = 100 * 1024 * 1024;
  static constexpr double kWindow = 1;

  void Begin(double now) {
    begin_ = now;
    samples_ = 0;
  }

  double base_;
  double budget_;  // samples a second
  double current_;
  double begin_ = 0;  // of the window
  uint32_t samples_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_ADAPTIVE_INTERVAL_H_

// SPDX-License-Identifier: MIT
// A sample interval that rises while samples come faster than a budget, and falls back afterwards.
// The budget of a second is what 100 MiB bring at the interval asked for, for who asks for a
// shorter one asks for more samples; within bounds, since a sample costs up to two microseconds.
//
// It changes only between samples, and each sample is weighted with the interval in force when it
// was drawn. What is drawn next depends on the past alone, so every sample by itself stays
// unbiased; and since distances between sample points have no memory, one drawn anew after a change
// is as good as the old one.
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

  // A sample was taken. True when the interval has changed. Seconds of any monotonic clock.
  bool OnSample(double now) {
    const bool fell = OnTime(now);
    if (base_ <= 1 || ++samples_ <= budget_) return fell;
    current_ *= 2;
    Begin(now);
    return true;
  }

  // The same for when no sample comes: time passes, and the interval falls back.
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

// SPDX-License-Identifier: MIT
// The sample interval of a thread, for objects and buffers: fixed, or tuned so that sampling takes
// 1 % of the thread's CPU time.
//
// What is not spent of this share is saved, up to that of two seconds of CPU time, so that a burst
// after quiet is seen with small intervals, too. Time is divided into windows of 100 samples (less,
// if a collection finds that 50 ms of CPU time have passed). At the end of each, with C the cost of
// its samples and T the CPU time that has passed, the interval is multiplied by (C / T) / (1 % +
// savings / 50 ms): the cost is about proportional to the number of samples, and so to 1 /
// interval, and savings are spent at a rate that would use them up in 50 ms. Debts are repaid ten
// times more slowly. If they were repaid faster, the interval would swing, and the same number of
// samples would be worth less, since a row's error comes from the coarsest ones. In one window the
// interval rises to at most eight times its value or falls to at least half of it, and it is at
// most 4 MiB: beyond some 4 GB a second of CPU time sampling takes more than 1 %.
//
// Estimates stay unbiased while it moves, since it is decided from the past only: the next distance
// is drawn with the interval that is then in force, and the sample is weighted with just that one
// (see sample_points.h). Given all before, each allocation is then picked with the probability by
// which its weight divides, and the errors of all estimates are sums of martingale differences:
// they have the mean 0, and the variance that is the sum of the single ones.
//
// The cost of a sample is what its birth takes in the hook, measured for one in eight, and what
// collections begin with, measured. V8's part (its slow path, and weak callbacks) can't be measured
// from here; the constant for it is the rest of the cost of samples in a loop that allocates 20 GB
// a second at 16 KiB, beside the same loop at 64 KiB.
#ifndef TRACEMALLOC_CORE_INTERVAL_CONTROLLER_H_
#define TRACEMALLOC_CORE_INTERVAL_CONTROLLER_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace tracemalloc {

// How a thread is sampled. Times are in seconds.
struct SamplingReport {
  double finest;     // mean bytes between samples; since the start
  double coarsest;   // since the start
  uint64_t samples;  // since the start
  double cost;       // of these, an estimate of the CPU time
  double cpu_time;   // of the thread since the start
};

// All times are in seconds.
class IntervalController {
 public:
  static constexpr double kFinest = 16 << 10;
  static constexpr double kCoarsest = 4 << 20;

  static IntervalController Fixed(double interval, double cpu_time) {
    return IntervalController(interval, 0, cpu_time);
  }
  static IntervalController SelfTuning(double cpu_time) {
    return IntervalController(kFinest, kShare, cpu_time);
  }

  double interval() const { return interval_; }
  bool is_self_tuning() const { return share_ > 0; }

  // Whether the cost of the next sample is to be measured and added.
  bool WantsCost() const { return samples_ % kSamplesPerMeasured == 0; }
  // A sample that takes longer is a stack's first walk, or the thread was interrupted.
  void AddSampleCost(double seconds) {
    const double cost = std::min(seconds, kMostCost);
    sample_cost_ = samples_ == 0 ? cost : sample_cost_ + (cost - sample_cost_) / 8;
  }
  void AddCollectionCost(double seconds) { Spend(seconds); }

  // To be called after each sample. True: the interval has changed. `cpu_time` reads the thread's.
  template <typename CpuTime>
  bool OnSample(CpuTime cpu_time) {
    samples_++;
    Spend(sample_cost_ + kCostInV8);
    return ++window_samples_ >= kWindowSamples && EndWindow(cpu_time());
  }

  // To be called as time passes without samples.
  bool OnTime(double cpu_time) {
    return is_self_tuning() && cpu_time - window_begin_ >= kWindowTime && EndWindow(cpu_time);
  }

  SamplingReport ReportAt(double cpu_time) const {
    return {finest_, coarsest_, samples_, cost_, cpu_time - begin_};
  }

 private:
  static constexpr uint32_t kSamplesPerMeasured = 8;
  static constexpr uint32_t kWindowSamples = 100;
  static constexpr double kWindowTime = 0.05;
  static constexpr double kMostCost = 30e-6;
  static constexpr double kShare = 0.01;
  static constexpr double kMostSaved = 2;  // in CPU time, of which it is the share
  static constexpr double kFirstSaved = 1;
  static constexpr double kSpendingTime = 0.05;
  static constexpr double kRepayingTime = 0.5;
  static constexpr double kCostInV8 = 0.4e-6;
  // Within these factors the interval stays, as they are within the errors of a window's figures.
  static constexpr double kLeastRise = 1.1;
  static constexpr double kLeastFall = 0.8;
  static constexpr double kMostRise = 8;

  IntervalController(double interval, double share, double cpu_time)
      : interval_(interval),
        finest_(interval),
        coarsest_(interval),
        share_(share),
        savings_(kFirstSaved * share),
        begin_(cpu_time),
        window_begin_(cpu_time) {}

  void Spend(double seconds) {
    cost_ += seconds;
    window_cost_ += seconds;
  }

  bool EndWindow(double cpu_time) {
    // A clock may stand still, but at least the cost itself has passed.
    const double time = std::max(cpu_time - window_begin_, window_cost_);
    const double most = kMostSaved * share_;
    savings_ = std::clamp(savings_ + share_ * time - window_cost_, -most, most);
    const double horizon = savings_ < 0 ? kRepayingTime : kSpendingTime;
    const double wanted = std::max(share_ / 4, share_ + savings_ / horizon);
    const double factor = share_ > 0 && time > 0 ? window_cost_ / time / wanted : 1;
    window_begin_ = cpu_time;
    window_cost_ = 0;
    window_samples_ = 0;
    if (share_ <= 0 || (factor > kLeastFall && factor < kLeastRise)) return false;
    const double before = interval_;
    interval_ =
        std::clamp(std::round(interval_ * std::clamp(factor, 0.5, kMostRise)), kFinest, kCoarsest);
    finest_ = std::min(finest_, interval_);
    coarsest_ = std::max(coarsest_, interval_);
    return interval_ != before;
  }

  double interval_;
  double finest_;
  double coarsest_;
  double share_;    // of the CPU time; 0: fixed
  double savings_;  // of CPU time
  double sample_cost_ = 0;
  double cost_ = 0;
  double begin_;
  double window_begin_;
  double window_cost_ = 0;
  uint32_t window_samples_ = 0;
  uint64_t samples_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_INTERVAL_CONTROLLER_H_

// SPDX-License-Identifier: MIT
// Measures what a sample costs, for the controller of the interval: from its construction to its
// destruction.
#ifndef TRACEMALLOC_V8_SAMPLE_COST_H_
#define TRACEMALLOC_V8_SAMPLE_COST_H_

#include "core/interval_controller.h"
#include "v8/clocks.h"

namespace tracemalloc {

class SampleCost {
 public:
  explicit SampleCost(IntervalController* interval)
      : interval_(interval),
        is_measured_(interval->WantsCost()),
        begin_(is_measured_ ? MonotonicSeconds() : 0) {}
  ~SampleCost() {
    if (is_measured_) interval_->AddSampleCost(MonotonicSeconds() - begin_);
    interval_->OnSample(ThreadCpuSeconds);
  }
  SampleCost(const SampleCost&) = delete;
  SampleCost& operator=(const SampleCost&) = delete;

 private:
  IntervalController* interval_;
  bool is_measured_;
  double begin_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_SAMPLE_COST_H_

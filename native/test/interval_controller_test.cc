// SPDX-License-Identifier: MIT
// The self-tuning interval: sampling takes its share of CPU time at any rate of allocation, and the
// estimates stay unbiased, with the stated error, while the interval moves.
#include "core/interval_controller.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "core/sampler.h"

namespace tracemalloc {
namespace {

constexpr double kMiB = 1 << 20;

struct Totals {
  double bytes = 0;
  double estimate = 0;
  double variance = 0;
  double cost = 0;
};

// A thread that allocates blocks of these sizes in turn.
class Thread {
 public:
  Thread(std::vector<double> sizes, double sample_cost, uint64_t seed)
      : sizes_(std::move(sizes)), sample_cost_(sample_cost), sampler_(interval.interval(), seed) {
    distance_ = sampler_.NextDistance();
  }

  // `rate`: bytes per second of CPU time, without that of samples.
  void Run(double seconds, double rate, Totals* totals) {
    const double end = cpu_time + seconds;
    while (cpu_time < end) {
      const double size = sizes_[next_++ % sizes_.size()];
      totals->bytes += size;
      cpu_time += size / rate;
      distance_ -= size;
      if (distance_ <= 0) Sample(size, totals);
      if (cpu_time - last_collection_ > 0.02) {
        interval.OnTime(cpu_time);
        last_collection_ = cpu_time;
      }
    }
  }

  IntervalController interval = IntervalController::SelfTuning(0);
  double cpu_time = 0;

 private:
  void Sample(double size, Totals* totals) {
    const double weight = SampleWeight(size, sampler_.interval());
    totals->estimate += size * weight;
    totals->variance += SampleVariance(size, weight);
    constexpr double kCostInV8 = 0.4e-6;  // as the controller takes it to be
    totals->cost += sample_cost_ + kCostInV8;
    cpu_time += sample_cost_ + kCostInV8;
    if (interval.WantsCost()) interval.AddSampleCost(sample_cost_);
    interval.OnSample([this] { return cpu_time; });
    sampler_.set_interval(interval.interval());
    distance_ = sampler_.NextDistance();
  }

  std::vector<double> sizes_;
  double sample_cost_;
  Sampler sampler_;
  double distance_;
  size_t next_ = 0;
  double last_collection_ = 0;
};

}  // namespace

TEST_CASE("controller: sampling takes its share of CPU time, whatever the rate and the cost") {
  for (const double rate : {20 * kMiB, 200 * kMiB, 1000 * kMiB, 4000 * kMiB}) {
    for (const double cost : {0.3e-6, 1e-6, 6e-6}) {
      CAPTURE(rate);
      CAPTURE(cost);
      Thread thread({64, 4096, 200}, cost, 1);
      Totals first;
      thread.Run(1, rate, &first);
      CHECK(first.cost < 0.025);  // what is saved at the start is a second's share
      Totals totals;
      thread.Run(4, rate, &totals);
      const double unbounded = rate / (16 << 10) * (cost + 0.4e-6);  // share at the finest interval
      CHECK(totals.cost < 4 * 0.0105 + 0.02);  // two seconds' share may have been saved
      CHECK(totals.cost / 4 > std::min(0.8 * unbounded, 0.008));
      if (unbounded < 0.005) CHECK(thread.interval.interval() == 16 << 10);
    }
  }
}

TEST_CASE("controller: a burst costs what was saved, and no more than its share then") {
  Thread thread({128}, 2e-6, 3);
  Totals quiet, burst, after;
  thread.Run(20, kMiB, &quiet);
  CHECK(thread.interval.interval() == 16 << 10);
  thread.Run(0.5, 2000 * kMiB, &burst);
  CHECK(burst.cost < 0.02 + 0.5 * 0.0105);
  CHECK(burst.cost > 0.015);
  CHECK(thread.interval.interval() > 64 << 10);
  // It falls back, also where samples have become rare.
  thread.Run(2, kMiB, &after);
  CHECK(thread.interval.interval() == 16 << 10);
  CHECK(thread.interval.ReportAt(thread.cpu_time).coarsest > 64 << 10);
}

TEST_CASE("controller: the interval is even, so that the samples tell as much as they could") {
  // An HTTP server: a sample costs much there, since the caches are cold.
  for (uint64_t seed = 1; seed <= 5; seed++) {
    Thread thread({64, 200, 1000}, 25e-6, seed);
    Totals totals;
    for (int i = 0; i < 100; i++) {
      thread.Run(0.015, 20 * kMiB, &totals);
      thread.Run(0.015, 200 * kMiB, &totals);
    }
    const double samples = thread.interval.ReportAt(thread.cpu_time).samples;
    // Of as many samples at one interval.
    const double least = totals.bytes * totals.bytes / samples;
    CHECK(totals.variance < 1.6 * least);
  }
}

TEST_CASE("controller: estimates are unbiased, with the stated error, while the interval moves") {
  for (const std::vector<double>& sizes :
       {std::vector<double>{16}, {24, 100, 3000}, {64 << 10}, {100e6, 4096, 4096}}) {
    CAPTURE(sizes[0]);
    double deviation = 0, squares = 0, stated = 0;
    constexpr int kSeeds = 1000;
    for (int seed = 1; seed <= kSeeds; seed++) {
      Thread thread(sizes, 20e-6, static_cast<uint64_t>(seed));
      Totals totals;
      for (int i = 0; i < 2; i++) {
        thread.Run(0.02, 10 * kMiB, &totals);
        thread.Run(0.02, 400 * kMiB, &totals);
      }
      const double error = totals.estimate - totals.bytes;
      deviation += error;
      squares += error * error;
      stated += totals.variance;
    }
    CHECK(std::abs(deviation) < 4 * std::sqrt(squares));
    // A mean square of 1000 normals has a relative standard deviation of 0.045.
    CHECK(stated == doctest::Approx(squares).epsilon(0.25));
  }
}

TEST_CASE("controller: a clock that stands still, or jumps, does no harm") {
  IntervalController still = IntervalController::SelfTuning(5);
  for (int i = 0; i < 100000; i++) {
    if (still.WantsCost()) still.AddSampleCost(1e-6);
    still.OnSample([] { return 5.0; });
    REQUIRE(still.interval() >= IntervalController::kFinest);
    REQUIRE(still.interval() <= IntervalController::kCoarsest);
  }
  CHECK(still.interval() == IntervalController::kCoarsest);
  for (double time = 0; time < 100; time += 1) still.OnTime(time < 50 ? time : 50 - time);
  CHECK(still.interval() >= IntervalController::kFinest);
  still.OnTime(1e9);
  still.OnTime(2e9);
  CHECK(std::isfinite(still.interval()));
}

TEST_CASE("controller: a fixed interval stays, and its cost is known all the same") {
  for (const double interval : {1.0, 524288.0}) {
    IntervalController fixed = IntervalController::Fixed(interval, 0);
    double cpu_time = 0;
    for (int i = 0; i < 10000; i++) {
      if (fixed.WantsCost()) fixed.AddSampleCost(5e-6);
      cpu_time += 6e-6;
      CHECK(!fixed.OnSample([&] { return cpu_time; }));
      CHECK(!fixed.OnTime(cpu_time));
    }
    CHECK(fixed.interval() == interval);
    const SamplingReport report = fixed.ReportAt(cpu_time);
    CHECK(report.samples == 10000);
    CHECK(report.cost > 0.05);
    CHECK(report.cost < 0.06);
  }
}

}  // namespace tracemalloc

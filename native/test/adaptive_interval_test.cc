// SPDX-License-Identifier: MIT
// The adaptive interval: samples are bounded, figures stay unbiased, and the interval falls back.
#include "core/adaptive_interval.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/sampler.h"

namespace tracemalloc {
namespace {

struct Totals {
  double bytes = 0;
  double estimate = 0;
  double variance = 0;
  uint64_t samples = 0;
};

// Allocates `rate` blocks a second for some seconds, as the buffer domain does.
void Run(double* now, double seconds, double rate, double size, AdaptiveInterval* interval,
         Sampler* sampler, Totals* totals) {
  double distance = sampler->NextDistance();
  const double end = *now + seconds;
  for (; *now < end; *now += 1 / rate) {
    totals->bytes += size;
    distance -= size;
    if (distance > 0) continue;
    const double weight = SampleWeight(size, interval->current());
    totals->estimate += size * weight;
    totals->variance += SampleVariance(size, weight);
    totals->samples++;
    interval->OnSample(*now);
    sampler->set_interval(interval->current());
    distance = sampler->NextDistance();
  }
}

}  // namespace

TEST_CASE("a burst of buffers has a bounded number of samples and stays unbiased") {
  double squares = 0;
  constexpr int kSeeds = 60;
  for (int seed = 1; seed <= kSeeds; seed++) {
    constexpr int kBase = 512 * 1024;
    AdaptiveInterval interval(kBase);
    Sampler sampler(kBase, static_cast<uint64_t>(seed));
    Totals totals;
    double now = 100;
    Run(&now, 5, 50, 16 * 1024, &interval, &sampler, &totals);
    Run(&now, 10, 100000, 16 * 1024, &interval, &sampler, &totals);
    CHECK(interval.current() > kBase * 8);
    // Four doublings of 200 samples, then at most 200 a second.
    CHECK(totals.samples < 250 + 4 * 200 + 10 * 200);
    const double z = (totals.estimate - totals.bytes) / std::sqrt(totals.variance);
    squares += z * z;
  }
  // The sum of squares of 60 standard normals is 60 with a standard deviation of sqrt(120), eleven.
  // A bias would add its square for each seed.
  CHECK(squares < 60 + 4 * 11);
}

TEST_CASE("the interval falls back to its base at low rates, with samples and without") {
  constexpr int kBase = 512 * 1024;
  AdaptiveInterval interval(kBase);
  Sampler sampler(kBase, 3);
  Totals totals;
  double now = 0;
  Run(&now, 3, 20000, kBase, &interval, &sampler, &totals);
  CHECK(interval.current() > kBase);
  AdaptiveInterval unasked = interval;
  Run(&now, 60, 20, kBase, &interval, &sampler, &totals);
  CHECK(interval.current() == kBase);
  CHECK(!unasked.OnTime(3.1));
  CHECK(unasked.OnTime(60));
  CHECK(unasked.current() == kBase);
}

TEST_CASE("a shorter interval gives more samples") {
  AdaptiveInterval interval(8 * 1024);
  Sampler sampler(8 * 1024, 5);
  Totals totals;
  double now = 0;
  Run(&now, 10, 12e6 / 2048, 2048, &interval, &sampler, &totals);
  CHECK(interval.current() == 8 * 1024);
  Run(&now, 10, 900e6 / 2048, 2048, &interval, &sampler, &totals);
  CHECK(interval.current() > 8 * 1024 * 4);
}

TEST_CASE("an interval that samples every allocation does not adapt") {
  AdaptiveInterval interval(1);
  for (int i = 0; i < 100000; i++) CHECK(!interval.OnSample(i * 1e-6));
  CHECK(interval.current() == 1);
}

}  // namespace tracemalloc

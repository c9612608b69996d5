// SPDX-License-Identifier: MIT
// The estimates of sampling, judged over many seeds: they have no bias, and the right standard
// error.
#include "core/sampler.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace tracemalloc {
namespace {

struct Estimate {
  double size = 0;
  double count = 0;
  double variance = 0;
};

// The estimate of sample points on a stream of `rounds` repetitions of `sizes`.
Estimate Run(const std::vector<double>& sizes, int rounds, double interval, uint64_t seed) {
  Sampler sampler(interval, seed);
  double left = sampler.NextDistance();
  Estimate estimate;
  for (int round = 0; round < rounds; round++) {
    for (double size : sizes) {
      left -= size;
      if (left > 0) continue;
      // The process is memoryless: the distance may be drawn again after the allocation.
      left = sampler.NextDistance();
      const double weight = SampleWeight(size, interval);
      estimate.size += size * weight;
      estimate.count += weight;
      estimate.variance += SampleVariance(size, weight);
    }
  }
  return estimate;
}

void CheckStatistics(const std::vector<double>& sizes, int rounds, double interval) {
  constexpr int kSeeds = 2000;
  double true_size = 0;
  for (double size : sizes) true_size += size * rounds;
  const double true_count = static_cast<double>(sizes.size()) * rounds;

  double size_sum = 0, count_sum = 0, size_squares = 0, count_squares = 0, variance_sum = 0;
  int inside = 0;
  for (int seed = 1; seed <= kSeeds; seed++) {
    const Estimate e = Run(sizes, rounds, interval, static_cast<uint64_t>(seed));
    size_sum += e.size;
    count_sum += e.count;
    size_squares += (e.size - true_size) * (e.size - true_size);
    count_squares += (e.count - true_count) * (e.count - true_count);
    variance_sum += e.variance;
    if (std::fabs(e.size - true_size) <= 2 * std::sqrt(e.variance)) inside++;
  }
  // The mean of many runs deviates by its own standard error; more than four of them is a bias. The
  // seeds are fixed, so this either always passes or never.
  const double size_error = std::sqrt(size_squares / kSeeds / kSeeds);
  const double count_error = std::sqrt(count_squares / kSeeds / kSeeds);
  CHECK(std::fabs(size_sum / kSeeds - true_size) <= 4 * size_error);
  CHECK(std::fabs(count_sum / kSeeds - true_count) <= 4 * count_error);
  // One percent, a bound that does not grow with the spread.
  CHECK(size_sum / kSeeds == doctest::Approx(true_size).epsilon(0.01));
  CHECK(count_sum / kSeeds == doctest::Approx(true_count).epsilon(0.01));
  CHECK(variance_sum / kSeeds == doctest::Approx(size_squares / kSeeds).epsilon(0.1));
  const double share = static_cast<double>(inside) / kSeeds;
  CHECK(share >= 0.93);
  CHECK(share <= 0.975);
}

TEST_CASE("estimates of equal allocations are unbiased and their error is right") {
  CheckStatistics({64}, 20000, 8192);
  CheckStatistics({40016}, 200, 524288 / 8.0);
}

TEST_CASE("estimates of mixed allocations, below and above the interval, are unbiased") {
  CheckStatistics({16, 24, 4096, 104, 65536, 32}, 4000, 16384);
}

TEST_CASE("an interval of one picks every allocation, exactly") {
  const Estimate e = Run({1, 16, 40016}, 100, 1, 7);
  CHECK(e.size == 100 * (1 + 16 + 40016));
  CHECK(e.count == 300);
  CHECK(e.variance == 0);
}

TEST_CASE("weights: about R/s for small allocations, one for large, never below one") {
  CHECK(SampleWeight(16, 524288) == doctest::Approx(524288.0 / 16 + 0.5).epsilon(1e-6));
  CHECK(SampleWeight(1e9, 1024) == 1);
  for (double size : {1.0, 100.0, 1e4, 1e6}) CHECK(SampleWeight(size, 4096) >= 1);
  // s·w·p = s: what a picked allocation stands for, times the probability to be picked.
  const double p = 1 - std::exp(-1000.0 / 4096);
  CHECK(SampleWeight(1000, 4096) * p == doctest::Approx(1));
  CHECK(SampleVariance(1000, 1) == 0);
  CHECK(SampleVariance(10, 3) == 600);
}

TEST_CASE("distances are exponential with the interval as mean, at least one byte") {
  constexpr int kDraws = 200000;
  constexpr double kInterval = 65536;
  Sampler sampler(kInterval, 42);
  double sum = 0;
  int beyond_mean = 0;
  for (int i = 0; i < kDraws; i++) {
    const double distance = sampler.NextDistance();
    REQUIRE(distance >= 1);
    sum += distance;
    if (distance > kInterval) beyond_mean++;
  }
  CHECK(sum / kDraws == doctest::Approx(kInterval).epsilon(0.01));
  CHECK(static_cast<double>(beyond_mean) / kDraws == doctest::Approx(std::exp(-1)).epsilon(0.02));
}

TEST_CASE("uniform numbers lie in (0, 1], and seeds give different ones") {
  Sampler one(1024, 1), two(1024, 2), again(1024, 1);
  int equal = 0;
  for (int i = 0; i < 10000; i++) {
    const double u = one.NextUniform();
    REQUIRE(u > 0);
    REQUIRE(u <= 1);
    CHECK(again.NextUniform() == u);
    if (two.NextUniform() == u) equal++;
  }
  CHECK(equal == 0);
}

}  // namespace
}  // namespace tracemalloc

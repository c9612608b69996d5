// SPDX-License-Identifier: MIT
// Sample points, against a model of V8's counters: several spaces, one observer, and only the bytes
// since the last report of the same space to go by.
#include "core/sample_points.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

namespace tracemalloc {
namespace {

struct Space {
  int64_t current = 0;
  int64_t last = 0;
  int64_t next = 8;  // what V8 draws itself at the interval 1
  uintptr_t top;
};

struct Counts {
  double expected = 0;  // bytes allocated
  double estimate = 0;
  double variance = 0;
  double first_half = 0;  // of the estimate, by the sample's place in its block
  size_t samples = 0;
};

class Heap {
 public:
  Heap(double interval, uint64_t seed) : interval_(interval), points_(Sampler(interval, seed)) {
    for (size_t i = 0; i < 6; i++) spaces_.push_back(Space{0, 0, 8, (i + 1) << 32});
  }

  SamplePoints* points() { return &points_; }

  void Allocate(size_t space_index, int64_t size, Counts* counts) {
    Space& space = spaces_[space_index];
    const uintptr_t address = space.top;
    space.top += size;
    counts->expected += static_cast<double>(size);
    if (space.next - space.current <= size) {
      double place;
      if (points_.Locate(space.current - space.last, address, size, &place)) {
        REQUIRE(place > 0);
        REQUIRE(place <= size);
        const double weight = SampleWeight(size, interval_);
        counts->estimate += size * weight;
        counts->variance += SampleVariance(size, weight);
        counts->samples++;
        if (place * 2 <= size) counts->first_half += size * weight;
      }
      const int64_t distance = points_.NextDistance();
      REQUIRE(distance > 0);
      REQUIRE(distance <= 1 << 30);
      space.last = space.current;
      space.next = space.current + size + distance;
    }
    space.current += size;
  }

 private:
  double interval_;
  std::vector<Space> spaces_;
  SamplePoints points_;
};

void CheckEstimates(double interval, double blocks) {
  double deviation = 0, square = 0, half = 0, total = 0;
  constexpr int kRuns = 200;
  for (int run = 0; run < kRuns; run++) {
    Heap heap(interval, run + 1);
    std::mt19937 random(run);
    Counts counts;
    for (int i = 0; i < blocks; i++) {
      const size_t space = random() % 8 < 6 ? 0 : random() % 6;
      const int64_t size = 8 * (2 + random() % (space == 5 ? 20000 : 40));
      heap.Allocate(space, size, &counts);
    }
    const double z = (counts.estimate - counts.expected) / std::sqrt(counts.variance);
    deviation += z;
    square += z * z;
    half += counts.first_half;
    total += counts.estimate;
  }
  // The mean of 200 standard deviates has a deviation of 0.07, their mean square one of 0.1.
  CHECK(std::abs(deviation / kRuns) < 0.3);
  CHECK(square / kRuns > 0.6);
  CHECK(square / kRuns < 1.4);
  // Every byte of a block has the same chance.
  CHECK(std::abs(half / total - 0.5) < 0.02);
}

TEST_CASE("points: unbiased, the stated error, every byte alike") {
  CheckEstimates(4096, 20000);
  CheckEstimates(700, 5000);
  CheckEstimates(64, 2000);
}

TEST_CASE("points: interval 1 takes every block") {
  Heap heap(1, 1);
  Counts counts;
  for (int i = 0; i < 1000; i++) heap.Allocate(i % 3, 16 + 8 * (i % 5), &counts);
  CHECK(counts.samples == 1000);
  CHECK(counts.estimate == counts.expected);
}

TEST_CASE("points: distances beyond V8's integers are waited for in parts") {
  constexpr double kInterval = 16e9;
  constexpr int64_t kBlock = int64_t{1} << 27;
  double samples = 0, bytes = 0;
  for (uint64_t seed = 1; seed <= 100; seed++) {
    Heap heap(kInterval, seed);
    Counts counts;
    for (int i = 0; i < 2000; i++) heap.Allocate(0, kBlock, &counts);
    samples += static_cast<double>(counts.samples);
    bytes += counts.expected;
  }
  const double expected = bytes / kInterval;
  CHECK(std::abs(samples - expected) < 5 * std::sqrt(expected));
}

TEST_CASE("points: rehearsing takes no sample and leaves no trace") {
  double estimate = 0, expected = 0, variance = 0;
  for (uint64_t seed = 1; seed <= 400; seed++) {
    Heap heap(4096, seed);
    Counts rehearsal, counts;
    heap.points()->set_rehearsing(true);
    for (int i = 0; i < 10; i++) heap.Allocate(0, 80, &rehearsal);
    heap.points()->set_rehearsing(false);
    CHECK(rehearsal.samples == 0);
    // Few blocks: were the first of them favoured or spared, it would show.
    for (int i = 0; i < 20; i++) heap.Allocate(i % 2, 800, &counts);
    estimate += counts.estimate;
    expected += counts.expected;
    variance += counts.variance;
  }
  CHECK(std::abs(estimate - expected) < 4 * std::sqrt(variance));
}

}  // namespace
}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
// Sample points, compared with a model of V8's counters: several spaces, one observer that only
// knows the bytes since the last report of the same space, and blocks of which a part is reused.
#include "core/sample_points.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

namespace tracemalloc {
namespace {

struct Space {
  int64_t current = 0;
  int64_t last = 0;
  int64_t next = 8;  // as V8 itself draws it at the interval 1
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
  Heap(double interval, uint64_t seed) : points_(Sampler(interval, seed)) {
    for (size_t i = 0; i < 6; i++) spaces_.push_back(Space{0, 0, 8, (i + 1) << 32});
  }

  SamplePoints* points() { return &points_; }

  void Allocate(size_t space_index, int64_t size, Counts* counts) {
    double bytes;
    SamplePlace place;
    counts->expected += static_cast<double>(size);
    if (!Reserve(space_index, size, size, &place, &bytes)) return;
    counts->estimate += bytes;
    counts->variance += SampleVariance(size, bytes / size);
    counts->samples++;
    if (place.place * 2 <= size) counts->first_half += bytes;
  }

  // Allocates a block of which only the first `used` bytes are kept. True if it is sampled; the
  // sample then stands for `*bytes`.
  bool Reserve(size_t space_index, int64_t size, int64_t used, SamplePlace* place, double* bytes) {
    Space& space = spaces_[space_index];
    const uintptr_t address = space.top;
    space.top += used;
    bool is_sampled = false;
    if (space.next - space.current <= size) {
      is_sampled = points_.Locate(space.current - space.last, address, size, place);
      if (is_sampled) {
        const double stands_for = static_cast<double>(size) - place->begin;
        REQUIRE(place->begin >= 0);
        REQUIRE(place->place > place->begin);
        REQUIRE(place->place <= size);
        *bytes = stands_for * SampleWeight(stands_for, place->interval);
      }
      const int64_t distance = points_.NextDistance();
      REQUIRE(distance > 0);
      REQUIRE(distance <= 1 << 30);
      space.last = space.current;
      space.next = space.current + size + distance;
    }
    space.current += used;
    return is_sampled;
  }

  uintptr_t Top(size_t space_index) const { return spaces_[space_index].top; }

 private:
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
  // The mean of 200 standard normals has a standard deviation of 0.07, their mean square of 0.1.
  CHECK(std::abs(deviation / kRuns) < 0.3);
  CHECK(square / kRuns > 0.6);
  CHECK(square / kRuns < 1.4);
  // Every byte of a block is picked with the same probability.
  CHECK(std::abs(half / total - 0.5) < 0.02);
}

TEST_CASE("points: estimates are unbiased, with the stated error, and bytes are equally likely") {
  CheckEstimates(4096, 20000);
  CheckEstimates(700, 5000);
  CheckEstimates(64, 2000);
}

TEST_CASE("points: estimates stay unbiased while the interval changes, in every space") {
  double deviation = 0, squares = 0, stated = 0;
  constexpr int kRuns = 1000;
  for (int run = 0; run < kRuns; run++) {
    Heap heap(4096, run + 1);
    std::mt19937 random(run);
    Counts counts;
    for (int i = 0; i < 5000; i++) {
      // Decided from the past: more samples make it coarser, and it falls back.
      if (i % 100 == 0)
        heap.points()->set_interval(i % 500 == 0 ? 512 : 2048 + 64 * counts.samples);
      const size_t space = random() % 8 < 6 ? 0 : random() % 6;
      heap.Allocate(space, 8 * (2 + random() % (space == 5 ? 20000 : 40)), &counts);
    }
    const double error = counts.estimate - counts.expected;
    deviation += error;
    squares += error * error;
    stated += counts.variance;
  }
  CHECK(std::abs(deviation) < 4 * std::sqrt(squares));
  CHECK(stated == doctest::Approx(squares).epsilon(0.25));
}

// Objects that are kept, with the bytes reserved for each: a typed array's buffer and elements, a
// Map's table and its entries, and others.
struct Kind {
  int64_t reserved;
  int64_t used;
};
constexpr Kind kKinds[] = {{112, 96}, {48, 48}, {104, 104}, {184, 152}, {32, 32},    {40, 40},
                           {24, 24},  {16, 16}, {48, 32},   {152, 120}, {4000, 4000}};
constexpr size_t kKindCount = sizeof(kKinds) / sizeof(kKinds[0]);

// The ratio of each kind's estimated to its true bytes, if the object at each sample's place is
// determined after all are allocated, as in layout/block_member.h.
void EstimateKinds(double interval, uint64_t seed, double* ratios) {
  struct Placed {
    uintptr_t at;
    double bytes;
    uintptr_t block_end;
  };
  Heap heap(interval, seed);
  std::mt19937 random(static_cast<uint32_t>(seed));
  std::vector<std::pair<uintptr_t, size_t>> objects;  // address, kind
  std::vector<Placed> placed;
  double expected[kKindCount] = {}, estimate[kKindCount] = {};
  for (int i = 0; i < 600; i++) {
    const size_t kind = random() % kKindCount;
    const auto [reserved, used] = kKinds[kind];
    const uintptr_t address = heap.Top(0);
    objects.emplace_back(address, kind);
    expected[kind] += static_cast<double>(used);
    SamplePlace place;
    double bytes;
    if (!heap.Reserve(0, reserved, used, &place, &bytes)) continue;
    placed.push_back({address + static_cast<uintptr_t>(std::ceil(place.place)) - 1, bytes,
                      address + static_cast<uintptr_t>(reserved)});
  }
  for (const Placed& sample : placed) {
    const auto behind = std::upper_bound(
        objects.begin(), objects.end(), sample.at,
        [](uintptr_t at, const std::pair<uintptr_t, size_t>& object) { return at < object.first; });
    const auto [begin, kind] = *(behind - 1);
    // At interval 1, an object that exceeds another's block is reported, and counts by itself.
    const bool is_beyond = begin + static_cast<uintptr_t>(kKinds[kind].used) > sample.block_end;
    if (interval <= 1 && is_beyond) continue;
    estimate[kind] += sample.bytes;
  }
  for (size_t kind = 0; kind < kKindCount; kind++) ratios[kind] = estimate[kind] / expected[kind];
}

TEST_CASE("points: the rest of a block stands for the next allocations in it") {
  constexpr int kSeeds = 2000;
  for (double interval : {1.0, 16.0, 128.0, 1024.0, 8192.0}) {
    double sums[kKindCount] = {}, squares[kKindCount] = {};
    for (int seed = 1; seed <= kSeeds; seed++) {
      double ratios[kKindCount];
      EstimateKinds(interval, static_cast<uint64_t>(seed), ratios);
      for (size_t kind = 0; kind < kKindCount; kind++) {
        sums[kind] += ratios[kind];
        squares[kind] += (ratios[kind] - 1) * (ratios[kind] - 1);
      }
    }
    CAPTURE(interval);
    for (size_t kind = 0; kind < kKindCount; kind++) {
      CAPTURE(kind);
      // 32 bytes that fit in the rest, reserved with 16 more that do not, count twice at 1.
      if (interval == 1 && kind == 8) continue;
      // The bias described in the header, for a rest of at most 32 bytes; and the last object may
      // be in a block whose rest was not used.
      const double error = std::sqrt(squares[kind] / kSeeds / kSeeds);
      const double bias = 0.002 + (interval == 1 ? 0 : std::min(0.02, 16 / interval));
      CHECK(std::abs(sums[kind] / kSeeds - 1) <= 4 * error + bias);
    }
  }
}

// Needed for a BigInt that is shorter than its reserved block, whose end is a filler.
TEST_CASE("points: each word of a block is equally likely") {
  constexpr int64_t kWords = 4;
  for (double interval : {64.0, 1024.0, 65536.0}) {
    double words[kWords] = {}, samples = 0;
    Heap heap(interval, 3);
    while (samples < 100000) {
      SamplePlace place;
      double bytes;
      if (!heap.Reserve(0, 8 * kWords, 8 * kWords, &place, &bytes)) continue;
      words[static_cast<int>(std::ceil(place.place / 8)) - 1]++;
      samples++;
    }
    CAPTURE(interval);
    for (const double count : words) {
      CHECK(std::abs(count / samples - 1.0 / kWords) < 4 * std::sqrt(3.0 / 16 / samples));
    }
  }
}

TEST_CASE("points: interval 1 takes every block") {
  Heap heap(1, 1);
  Counts counts;
  for (int i = 0; i < 1000; i++) heap.Allocate(i % 3, 16 + 8 * (i % 5), &counts);
  CHECK(counts.samples == 1000);
  CHECK(counts.estimate == counts.expected);
}

TEST_CASE("points: distances beyond V8's integers are divided into parts") {
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

TEST_CASE("points: rehearsing takes no sample and has no effect on later ones") {
  double estimate = 0, expected = 0, variance = 0;
  for (uint64_t seed = 1; seed <= 400; seed++) {
    Heap heap(4096, seed);
    Counts rehearsal, counts;
    heap.points()->set_rehearsing(true);
    for (int i = 0; i < 10; i++) heap.Allocate(0, 80, &rehearsal);
    heap.points()->set_rehearsing(false);
    CHECK(rehearsal.samples == 0);
    // Few blocks, so that a bias for or against the first of them would be visible.
    for (int i = 0; i < 20; i++) heap.Allocate(i % 2, 800, &counts);
    estimate += counts.estimate;
    expected += counts.expected;
    variance += counts.variance;
  }
  CHECK(std::abs(estimate - expected) < 4 * std::sqrt(variance));
}

}  // namespace
}  // namespace tracemalloc

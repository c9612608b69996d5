// SPDX-License-Identifier: MIT
// Thinning live samples: about the wanted number is left, and their estimates have the bias and the
// error of samples that were drawn at the coarser interval.
#include "core/thinning.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "core/sampler.h"

namespace tracemalloc {
namespace {

struct Drawn {
  double picked;
  SampleFigures figures;
};

// One allocation, or none if it is not picked.
void Draw(double size, double interval, Sampler* chance, std::vector<Drawn>* drawn) {
  const double weight = SampleWeight(size, interval);
  if (chance->NextUniform() * weight > 1) return;
  drawn->push_back({size, {size * weight, weight, SampleVariance(size, weight)}});
}

void ThinAll(double interval, Sampler* chance, std::vector<Drawn>* drawn) {
  std::vector<Drawn> kept;
  for (Drawn& each : *drawn) {
    if (Thin(each.picked, interval, chance->NextUniform(), &each.figures)) kept.push_back(each);
  }
  *drawn = kept;
}

constexpr double kSizes[] = {16, 24, 120, 4096, 65536, 1e6, 100e6};

}  // namespace

TEST_CASE("thinning: sizes and counts are unbiased, and the error is the stated one") {
  constexpr int kSeeds = 4000;
  constexpr int kObjects = 300;
  for (const double size : kSizes) {
    CAPTURE(size);
    double deviation = 0, squares = 0, counts = 0, stated = 0, samples = 0;
    for (int seed = 1; seed <= kSeeds; seed++) {
      Sampler chance(1, static_cast<uint64_t>(seed));
      std::vector<Drawn> drawn;
      // Drawn at intervals that move both ways; a third dies between two thinnings.
      for (int i = 0; i < kObjects; i++) Draw(size, i % 3 == 0 ? 256 : 2048, &chance, &drawn);
      ThinAll(1024, &chance, &drawn);
      ThinAll(512, &chance, &drawn);  // finer than all are: nothing happens
      std::vector<Drawn> left;
      double alive = kObjects;
      for (const Drawn& each : drawn) left.push_back(each);
      ThinAll(8192, &chance, &left);
      double estimate = 0, count = 0, variance = 0;
      for (const Drawn& each : left) {
        estimate += each.figures.size;
        count += each.figures.count;
        variance += each.figures.variance;
      }
      const double error = estimate / size - alive;
      deviation += error;
      squares += error * error;
      counts += count - alive;
      stated += variance / size / size;
      samples += static_cast<double>(left.size());
    }
    const double variance = squares / kSeeds;
    const double error_of_mean = std::sqrt(variance / kSeeds) + 1e-6;
    CHECK(std::abs(deviation / kSeeds) < 4 * error_of_mean);
    CHECK(std::abs(counts / kSeeds) < 4 * error_of_mean);
    // That of one drawing at 8192, on average.
    const double weight = SampleWeight(size, 8192);
    CHECK(std::abs(samples / kSeeds - kObjects / weight) < 0.05 * kObjects / weight + 0.1);
    CHECK(variance == doctest::Approx(kObjects * (weight - 1)).epsilon(0.12));
    CHECK(stated / kSeeds == doctest::Approx(kObjects * (weight - 1)).epsilon(0.12));
  }
}

TEST_CASE("thinning: of samples of merged blocks, the error of their objects") {
  // An object of 64 bytes in a block of 256 is picked by the block's bytes, and then has all of
  // them: see sampler.h.
  constexpr int kSeeds = 4000, kBlocks = 2000;
  double squares = 0, stated = 0;
  for (int seed = 1; seed <= kSeeds; seed++) {
    Sampler chance(1, static_cast<uint64_t>(seed));
    double estimate = 0, variance = 0;
    const double weight = SampleWeight(256, 4096);
    for (int i = 0; i < kBlocks; i++) {
      if (chance.NextUniform() * weight > 1 || chance.NextUniform() > 0.25) continue;
      const double size = 256 * weight;
      SampleFigures figures{size, size / 64, SampleVariance(64, size / 64)};
      if (!Thin(256, 32768, chance.NextUniform(), &figures)) continue;
      estimate += figures.size;
      variance += figures.variance;
    }
    const double error = estimate - kBlocks * 64.0;
    squares += error * error / kSeeds;
    stated += variance / kSeeds;
  }
  CHECK(stated == doctest::Approx(squares).epsilon(0.12));
}

TEST_CASE("thinning: about the wanted number is left, whatever the sizes") {
  for (const double shift : {1.0, 30.0, 1000.0}) {
    Sampler chance(1, 7);
    std::vector<Drawn> drawn;
    for (int i = 0; i < 40000; i++) {
      Draw(shift * (16 + 100 * (i % 50)), i % 7 == 0 ? 16384 * shift : 2048 * shift, &chance,
           &drawn);
    }
    const auto before = static_cast<double>(drawn.size());
    ThinningInterval all;
    for (const Drawn& each : drawn) all.Count(each.figures.size);
    const double interval = all.ThatLeaves(before / 3);
    ThinAll(interval, &chance, &drawn);
    CHECK(static_cast<double>(drawn.size()) < before / 3 + 4 * std::sqrt(before));
    CHECK(static_cast<double>(drawn.size()) > before / 4);
  }
}

TEST_CASE("thinning: samples that are known exactly are not lost while others can go") {
  ThinningInterval all;
  for (int i = 0; i < 100; i++) all.Count(1e9);
  for (int i = 0; i < 1000; i++) all.Count(16384);
  const double interval = all.ThatLeaves(300);
  SampleFigures large{1e9, 1, 0};
  CHECK(Thin(1e9, interval, 1, &large));
  CHECK(large.size == 1e9);
}

}  // namespace tracemalloc

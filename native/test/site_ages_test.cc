// SPDX-License-Identifier: MIT
// Moments of birth and the ages that follow from them, and their sums.
#include "core/site_ages.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

namespace tracemalloc {
namespace {

TEST_CASE("ages: they are right to a tenth of a second, and never too low") {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> births(0, 1e9);  // of a machine that runs for 30 years
  std::uniform_real_distribution<double> ages(0, 1e8);    // and a process that does for three
  for (int i = 0; i < 10000; i++) {
    const double born = births(random), age = ages(random);
    const double told = AgeAt(born + age, BirthTimeAt(born));
    REQUIRE(told >= age - 1e-5);  // what a double of this size leaves of a second
    REQUIRE(told <= age + 0.1 + 1e-5);
  }
}

TEST_CASE("ages: a moment fits its bits, and the age does not jump where they overflow") {
  const double overflow = std::ldexp(1.0, kBirthTimeBits) / kBirthTimesPerSecond;
  CHECK(BirthTimeAt(overflow - 0.05) == kBirthTimeMask);
  CHECK(BirthTimeAt(overflow + 0.05) == 0);
  CHECK(AgeAt(overflow + 0.05, kBirthTimeMask) == doctest::Approx(0.15));
  CHECK(AgeAt(overflow + 100, BirthTimeAt(overflow - 50)) == doctest::Approx(150));
}

TEST_CASE("ages: newborns have none") {
  CHECK(AgeAt(5, BirthTimeAt(5)) == 0);
  CHECK(AgeAt(5.09, BirthTimeAt(5)) == doctest::Approx(0.09));
}

TEST_CASE("ages: sums are weighted by bytes, and the oldest is the maximum") {
  SiteAges sums;
  CHECK(sums.size == 0);
  CHECK(sums.oldest == 0);
  sums.Add({100, 9, 2, 1});
  sums.Add({300, 16, 10, 5});
  sums.Add({0, 0, 99, 7});
  CHECK(sums.size == 400);
  CHECK(sums.variance == 25);
  CHECK(sums.seconds / sums.size == 8);
  CHECK(sums.collections / sums.size == 4);
  CHECK(sums.oldest == 99);
}

TEST_CASE("ages: one number of collections that is not known makes their sum unknown") {
  SiteAges sums;
  sums.Add({100, 0, 2, std::numeric_limits<double>::quiet_NaN()});
  CHECK(sums.seconds == 200);
  CHECK(std::isnan(sums.collections));
  sums.Add({100, 0, 2, 3});
  CHECK(std::isnan(sums.collections));
}

}  // namespace
}  // namespace tracemalloc

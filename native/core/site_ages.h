// SPDX-License-Identifier: MIT
// How old the live samples of a site are. Nothing is counted while the program runs: a sample has
// the moment of its birth, and who wants ages visits all samples.
#ifndef TRACEMALLOC_CORE_SITE_AGES_H_
#define TRACEMALLOC_CORE_SITE_AGES_H_

#include <algorithm>
#include <cstdint>

namespace tracemalloc {

// A moment of birth has 30 bits, so that a sample's record needs no more room for it: tenths of a
// second of a clock that is never set. They begin anew after 3.4 years, and so do ages.
constexpr uint32_t kBirthTimeBits = 30;
constexpr uint32_t kBirthTimeMask = (uint32_t{1} << kBirthTimeBits) - 1;
constexpr double kBirthTimesPerSecond = 10;

inline uint32_t BirthTimeAt(double seconds) {
  return static_cast<uint32_t>(static_cast<uint64_t>(seconds * kBirthTimesPerSecond)) &
         kBirthTimeMask;
}

// Seconds, up to a tenth too many. `now`: of the same clock, not before the birth.
inline double AgeAt(double now, uint32_t birth_time) {
  const double time = now * kBirthTimesPerSecond;
  const auto whole = static_cast<uint64_t>(time);
  const uint32_t between = (static_cast<uint32_t>(whole) - birth_time) & kBirthTimeMask;
  return (between + (time - static_cast<double>(whole))) / kBirthTimesPerSecond;
}

// Sums over live samples of a site; all zero: there are none.
struct SiteAges {
  double size = 0;         // bytes, as all that is weighted an estimate
  double variance = 0;     // of size
  double seconds = 0;      // ages, weighted by bytes
  double collections = 0;  // survived, weighted by bytes; NaN: unknown
  double oldest = 0;       // seconds

  struct One {
    double size;
    double variance;
    double age;          // seconds
    double collections;  // survived; NaN: unknown
  };
  void Add(const One& one) {
    size += one.size;
    variance += one.variance;
    seconds += one.age * one.size;
    collections += one.collections * one.size;
    oldest = std::max(oldest, one.age);
  }
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_SITE_AGES_H_

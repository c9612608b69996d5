// SPDX-License-Identifier: MIT
// The clock of the search's deadlines, the same as libuv's.
#ifndef TRACEMALLOC_RETAINERS_MONOTONIC_CLOCK_H_
#define TRACEMALLOC_RETAINERS_MONOTONIC_CLOCK_H_

#include <chrono>
#include <cstdint>

namespace tracemalloc {

// In nanoseconds.
inline int64_t MonotonicNow() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_RETAINERS_MONOTONIC_CLOCK_H_

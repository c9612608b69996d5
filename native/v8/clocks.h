// SPDX-License-Identifier: MIT
// Clocks that are never set, in seconds.
#ifndef TRACEMALLOC_V8_CLOCKS_H_
#define TRACEMALLOC_V8_CLOCKS_H_

#include <ctime>

namespace tracemalloc {

inline double SecondsOf(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Without a system call.
inline double MonotonicSeconds() { return SecondsOf(CLOCK_MONOTONIC); }

// CPU time of the calling thread; a system call.
inline double ThreadCpuSeconds() { return SecondsOf(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_CLOCKS_H_

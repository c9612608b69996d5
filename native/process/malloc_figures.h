// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_PROCESS_MALLOC_FIGURES_H_
#define TRACEMALLOC_PROCESS_MALLOC_FIGURES_H_

#include <cstdint>

namespace tracemalloc {

// Bytes of the C library's malloc, all arenas together.
struct MallocFigures {
  uint64_t in_use;  // in arenas, handed out (including the caches of threads)
  uint64_t free;    // in arenas, free
  uint64_t mapped;  // handed out as separate mappings
};

// False if the C library has no such figures (glibc before 2.33, other libraries), or its malloc is
// replaced (for example by jemalloc). Walks the free lists: takes microseconds, or milliseconds if
// they have a hundred thousand chunks.
bool GetMallocFigures(MallocFigures* figures);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_PROCESS_MALLOC_FIGURES_H_

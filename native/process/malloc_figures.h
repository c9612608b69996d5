// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_PROCESS_MALLOC_FIGURES_H_
#define TRACEMALLOC_PROCESS_MALLOC_FIGURES_H_

#include <cstdint>

namespace tracemalloc {

// Bytes of the C library's malloc, all arenas together.
struct MallocFigures {
  uint64_t in_use;  // in arenas, handed out (what threads cache for themselves counts as such)
  uint64_t free;    // in arenas, free
  uint64_t mapped;  // handed out as mappings of their own
};

// False where the C library can't tell (glibc before 2.33, other libraries), or does not serve
// malloc (jemalloc in its place). Walks the free lists: microseconds, but milliseconds when they
// hold a hundred thousand chunks.
bool GetMallocFigures(MallocFigures* figures);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_PROCESS_MALLOC_FIGURES_H_

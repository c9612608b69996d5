// SPDX-License-Identifier: MIT
#include "process/resident_bytes.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

namespace tracemalloc {

uint64_t ResidentBytes(uintptr_t start, uintptr_t end) {
  static const size_t page_size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  unsigned char pages[4096];
  uint64_t resident = 0;
  for (uintptr_t at = start; at < end;) {
    const size_t length = std::min<size_t>(end - at, sizeof(pages) * page_size);
    if (mincore(reinterpret_cast<void*>(at), length, pages) != 0) return resident;
    const size_t count = (length + page_size - 1) / page_size;
    resident += page_size * std::count_if(pages, pages + count,
                                          [](unsigned char page) { return (page & 1) != 0; });
    at += length;
  }
  return resident;
}

}  // namespace tracemalloc

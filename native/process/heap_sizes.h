// SPDX-License-Identifier: MIT
// What the heaps of this process's tracing threads occupy, for whichever thread asks. A heap can be
// measured on its own thread only, so each leaves its last figure here.
#ifndef TRACEMALLOC_PROCESS_HEAP_SIZES_H_
#define TRACEMALLOC_PROCESS_HEAP_SIZES_H_

#include <cstdint>
#include <vector>

namespace tracemalloc {

struct HeapSize {
  uint32_t thread_id;  // as Node counts: 0 is the main thread
  uint64_t bytes;
};

void SetHeapSize(const HeapSize& heap);
// Harmless for a thread that has left none.
void RemoveHeapSize(uint32_t thread_id);
std::vector<HeapSize> HeapSizes();

}  // namespace tracemalloc

#endif  // TRACEMALLOC_PROCESS_HEAP_SIZES_H_

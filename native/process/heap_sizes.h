// SPDX-License-Identifier: MIT
// The heap sizes of this process's tracing threads, readable on any thread. A heap can be measured
// on its own thread only, so each thread stores its last figure here.
#ifndef TRACEMALLOC_PROCESS_HEAP_SIZES_H_
#define TRACEMALLOC_PROCESS_HEAP_SIZES_H_

#include <cstdint>
#include <vector>

namespace tracemalloc {

struct HeapSize {
  uint32_t thread_id;  // Node's thread id: 0 is the main thread
  uint64_t bytes;
};

void SetHeapSize(const HeapSize& heap);
// No-op for a thread that has no entry.
void RemoveHeapSize(uint32_t thread_id);
std::vector<HeapSize> HeapSizes();

}  // namespace tracemalloc

#endif  // TRACEMALLOC_PROCESS_HEAP_SIZES_H_

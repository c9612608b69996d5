// SPDX-License-Identifier: MIT
// The pages of V8's heaps, of all threads, as the kernel lists them.
#ifndef TRACEMALLOC_RETAINERS_HEAP_PAGES_H_
#define TRACEMALLOC_RETAINERS_HEAP_PAGES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tracemalloc {

struct HeapRange {
  uintptr_t begin;
  uintptr_t end;
};

// V8's pages are aligned to this; a larger object has a page of its own, of several times the size.
constexpr uintptr_t kHeapPage = 256 << 10;

// Where objects can be written to, ordered by address. Empty: there is no /proc.
std::vector<HeapRange> WritableHeap();

}  // namespace tracemalloc

#endif  // TRACEMALLOC_RETAINERS_HEAP_PAGES_H_

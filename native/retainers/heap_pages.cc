// SPDX-License-Identifier: MIT
#include "retainers/heap_pages.h"

#include "process/mappings.h"
#include "process/resident_memory.h"

namespace tracemalloc {

std::vector<HeapRange> WritableHeap() {
  const std::vector<Mapping> mappings = ReadMappings();
  std::vector<HeapRange> ranges;
  for (size_t i = 0; i < mappings.size(); i++) {
    const Mapping* before = i == 0 ? nullptr : &mappings[i - 1];
    const Mapping* after = i + 1 == mappings.size() ? nullptr : &mappings[i + 1];
    const Mapping& mapping = mappings[i];
    if (!mapping.is_writable || KindOf(mapping, before, after) != MappingKind::kV8) continue;
    ranges.push_back({mapping.start, mapping.end});
  }
  return ranges;
}

}  // namespace tracemalloc

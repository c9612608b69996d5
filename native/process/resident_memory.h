// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_PROCESS_RESIDENT_MEMORY_H_
#define TRACEMALLOC_PROCESS_RESIDENT_MEMORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "process/mappings.h"

namespace tracemalloc {

struct ResidentMemory {
  // Resident bytes of anonymous mappings.
  std::array<uint64_t, kMappingKinds> by_kind;
  // Mapped bytes of WebAssembly memories and of malloc's arenas, resident or not.
  uint64_t wasm_mapped;
  uint64_t arena_mapped;

  uint64_t& of(MappingKind kind) { return by_kind[static_cast<size_t>(kind)]; }
};

// The mappings of this process, ordered by address; empty if there is no /proc.
std::vector<Mapping> ReadMappings();

// Measures these mappings; one that was unmapped since counts 0, and so do reservations: mappings
// above 1 GiB that together are larger than the machine's memory, the largest ones. Uses mincore,
// thirty times faster than /proc/self/smaps. V8 maps its pages one by one; of more than 512, about
// 512 are measured, the same ones each time, and stand for the rest. The figure is then off by some
// tenths of a per cent if nearly all of each page is resident, as is usual, and at worst by 2 %
// (one standard error).
ResidentMemory MeasureResidentMemory(const std::vector<Mapping>& mappings);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_PROCESS_RESIDENT_MEMORY_H_

// SPDX-License-Identifier: MIT
// Classifies a process's mappings by the lines of /proc/self/maps: by address, permissions and
// neighbours.
#ifndef TRACEMALLOC_PROCESS_MAPPINGS_H_
#define TRACEMALLOC_PROCESS_MAPPINGS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tracemalloc {

// The kernel's name for it.
enum class MappingName { kNone, kHeap, kStack, kKernel };

struct Mapping {
  uintptr_t start;
  uintptr_t end;
  bool is_readable;
  bool is_writable;
  bool is_executable;
  bool is_file;
  MappingName name;

  size_t size() const { return end - start; }
};

enum class MappingKind {
  kV8,     // heap pages of any thread and what else V8 maps page by page
  kArena,  // malloc's arenas for small blocks
  kWasm,   // WebAssembly memories
  kCode,   // code made at run time
  kStack,  // thread stacks
  kOther,  // including malloc's large blocks, which look like mmap by native code
  kNone,   // files, reservations, the kernel's own
};
constexpr size_t kMappingKinds = static_cast<size_t>(MappingKind::kNone);

// False: not a line of /proc/self/maps.
bool ParseMapping(std::string_view line, Mapping* mapping);

// `before` and `after`: the neighbours in the list, null at its ends.
MappingKind KindOf(const Mapping& mapping, const Mapping* before, const Mapping* after);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_PROCESS_MAPPINGS_H_

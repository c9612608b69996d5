// SPDX-License-Identifier: MIT
// What a process's mappings are, told from the lines of /proc/self/maps: where they lie, what may
// be done with them, and what lies next to them.
#ifndef TRACEMALLOC_PROCESS_MAPPINGS_H_
#define TRACEMALLOC_PROCESS_MAPPINGS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tracemalloc {

// What the kernel calls it.
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
  kArena,  // where malloc places what is small
  kWasm,   // WebAssembly memories
  kCode,   // code made at run time
  kStack,  // thread stacks
  kOther,  // malloc's large blocks among them, which nothing here tells from mmap by native code
  kNone,   // files, mere reservations, the kernel's own
};
constexpr size_t kMappingKinds = static_cast<size_t>(MappingKind::kNone);

// False: not such a line.
bool ParseMapping(std::string_view line, Mapping* mapping);

// `before` and `after`: the neighbours in the list, null at its ends.
MappingKind KindOf(const Mapping& mapping, const Mapping* before, const Mapping* after);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_PROCESS_MAPPINGS_H_

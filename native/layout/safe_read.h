// SPDX-License-Identifier: MIT
// Reading memory that may not be mapped, and V8's debugger constants: start gates use these to
// examine V8 before they trust a layout. Neither is for the hot path.
#ifndef TRACEMALLOC_LAYOUT_SAFE_READ_H_
#define TRACEMALLOC_LAYOUT_SAFE_READ_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace tracemalloc {

// Copies `size` bytes of this process at `address`. False, with `to` undefined, if
// any of them is unmapped. One system call; never faults.
bool SafeRead(uintptr_t address, void* to, size_t size);

template <typename T>
bool SafeRead(uintptr_t address, T* to) {
  return SafeRead(address, to, sizeof(T));
}

// Whether the eight bytes at `address`, a multiple of 8, can be read. One system call, which costs
// a tenth of the other's time; never faults.
bool IsReadable(uintptr_t address);

// The value of an exported `v8dbg_<name>` symbol of the running node (V8 writes them for
// post-mortem debuggers: src/objects in tools/gen-postmortem-metadata.py). False if absent.
bool V8DebugConstant(const char* name, int* value);

// The value of the first of these names that is exported; -1: none is. For offsets, types and
// indices, all of which are 0 or more.
int V8DebugConstant(std::initializer_list<const char*> names);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_SAFE_READ_H_

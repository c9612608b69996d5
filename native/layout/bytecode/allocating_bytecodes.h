// SPDX-License-Identifier: MIT
// The bytecodes of a function that may allocate, each with what it may make and with the position
// that V8 reports for it. For literals, closures and blocks' contexts V8 keeps no position: it
// reports that of a preceding expression, which several may share.
//
// Cost: linear in the function's bytecodes. Never in the cached path of a walk.
//
//   AllocatingBytecodes places(node_module_version);
//   if (!places.Decode(heap, FunctionPositions::BytecodeOf(heap, shared))) ...  // not known
//   const AllocatingBytecode* place = places.At(bytecode_offset);  // null: it can't allocate
//   for (const AllocatingBytecode& place : places.all())
//     if (place.position == told) ...                              // what optimized code may be at
#ifndef TRACEMALLOC_LAYOUT_BYTECODE_ALLOCATING_BYTECODES_H_
#define TRACEMALLOC_LAYOUT_BYTECODE_ALLOCATING_BYTECODES_H_

#include <cstdint>
#include <vector>

#include "layout/bytecode/bytecode_kinds.h"
#include "layout/bytecode/bytecode_sizes.h"
#include "layout/bytecode/position_table.h"

namespace tracemalloc {

class HeapView;

struct AllocatingBytecode {
  int32_t offset;  // that of its prefix, if it has one
  BytecodeKind kind;
  int32_t position;    // that of the last entry at or before it; -1: none
  bool has_own_entry;  // in the position table; may be that of the statement that begins there
  int32_t constant;    // the index of what it makes, or of its description; -1: none
};

class AllocatingBytecodes {
 public:
  explicit AllocatingBytecodes(int node_module_version)
      : sizes_(node_module_version), kinds_(node_module_version) {}

  // False, with nothing decoded, if it can't be read or is not valid bytecode.
  bool Decode(const HeapView& heap, uintptr_t bytecode_array);
  bool DecodeBytes(const uint8_t* bytecodes, size_t length, const PositionTable& positions);

  // Ascending by offset.
  const std::vector<AllocatingBytecode>& all() const { return all_; }
  const AllocatingBytecode* At(int32_t offset) const;
  // The positions of the function last decoded.
  const PositionTable& positions() const { return positions_; }

 private:
  BytecodeSizes sizes_;
  BytecodeKinds kinds_;
  PositionTable positions_;
  std::vector<uint8_t> bytes_;
  std::vector<AllocatingBytecode> all_;
};

// A constant of the function; false if there is none with that index.
bool BytecodeConstant(const HeapView& heap, uintptr_t bytecode_array, int32_t index,
                      uintptr_t* constant);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_BYTECODE_ALLOCATING_BYTECODES_H_

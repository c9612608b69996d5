// SPDX-License-Identifier: MIT
// From a function's bytecode offsets to positions in its script's source.
#ifndef TRACEMALLOC_LAYOUT_BYTECODE_FUNCTION_POSITIONS_H_
#define TRACEMALLOC_LAYOUT_BYTECODE_FUNCTION_POSITIONS_H_

#include <cstdint>
#include <vector>

#include "layout/bytecode/bytecode_sizes.h"
#include "layout/bytecode/position_table.h"

namespace tracemalloc {

class HeapView;

class FunctionPositions {
 public:
  explicit FunctionPositions(int node_module_version) : sizes_(node_module_version) {}

  const BytecodeSizes& sizes() const { return sizes_; }

  // The function's bytecode array; 0: it has none (any more).
  static uintptr_t BytecodeOf(const HeapView& heap, uintptr_t shared);

  // False if the function has no positions; V8 may not have recorded them.
  bool At(const HeapView& heap, uintptr_t bytecode_array, int32_t offset, int32_t* position);
  // As At, but only if this bytecode has a position of its own.
  bool ExactlyAt(const HeapView& heap, uintptr_t bytecode_array, int32_t offset, int32_t* position);
  // Whether one of the function's loops jumps back from there.
  bool IsLoopEnd(const HeapView& heap, uintptr_t bytecode_array, int32_t position);

 private:
  bool Decode(const HeapView& heap, uintptr_t bytecode_array);

  BytecodeSizes sizes_;
  PositionTable table_;
  std::vector<uint8_t> bytecodes_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_BYTECODE_FUNCTION_POSITIONS_H_

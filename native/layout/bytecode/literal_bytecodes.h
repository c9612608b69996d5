// SPDX-License-Identifier: MIT
// Frames at a bytecode for which V8 keeps no position: literals, closures, blocks' contexts,
// strings of templates. See FrameKey::bytecode.
#ifndef TRACEMALLOC_LAYOUT_BYTECODE_LITERAL_BYTECODES_H_
#define TRACEMALLOC_LAYOUT_BYTECODE_LITERAL_BYTECODES_H_

#include <cstdint>

#include "core/frame.h"
#include "layout/bytecode/allocating_bytecodes.h"

namespace tracemalloc {

class LiteralBytecodes {
 public:
  explicit LiteralBytecodes(int node_module_version) : places_(node_module_version) {}

  // False: V8's position is right.
  static bool LacksPosition(const AllocatingBytecode& place);

  // FrameKey::bytecode of a frame at that bytecode: its offset or -1.
  int32_t At(const HeapView& heap, uintptr_t bytecode_array, int32_t offset);
  // The same for optimized code, where only the position is known: kSeveralBytecodes if several
  // bytecodes that may allocate have it; kSeveralBesidesCalls if those of them that may make
  // anything are, by `is_call(offset)`, calls of functions that are not compiled into the code.
  template <typename IsCall>
  int32_t AtPosition(const HeapView& heap, uintptr_t bytecode_array, int32_t position,
                     const IsCall& is_call) {
    const int32_t found = AtPosition(heap, bytecode_array, position);
    if (found != kSeveralBytecodes) return found;
    for (const AllocatingBytecode& place : places_.all()) {
      if (place.position == position && place.kind == BytecodeKind::kAnything &&
          !is_call(place.offset)) {
        return found;
      }
    }
    return kSeveralBesidesCalls;
  }

 private:
  int32_t AtPosition(const HeapView& heap, uintptr_t bytecode_array, int32_t position);

  AllocatingBytecodes places_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_BYTECODE_LITERAL_BYTECODES_H_

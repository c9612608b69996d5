// SPDX-License-Identifier: MIT
// Which frames are at a bytecode whose place V8's positions do not tell: literals, closures,
// blocks' contexts, texts of templates. See FrameKey::bytecode.
#ifndef TRACEMALLOC_V8_LITERAL_BYTECODES_H_
#define TRACEMALLOC_V8_LITERAL_BYTECODES_H_

#include <cstdint>

#include "v8/allocating_bytecodes.h"

namespace tracemalloc {

class LiteralBytecodes {
 public:
  explicit LiteralBytecodes(int node_module_version) : places_(node_module_version) {}

  // False: V8's position is its place.
  static bool LacksPosition(const AllocatingBytecode& place);

  // FrameKey::bytecode of a frame at that bytecode: its offset or -1.
  int32_t At(const HeapView& heap, uintptr_t bytecode_array, int32_t offset);
  // The same of code that knows its position only: kSeveralBytecodes if others that may allocate
  // have it, too.
  int32_t AtPosition(const HeapView& heap, uintptr_t bytecode_array, int32_t position);

 private:
  AllocatingBytecodes places_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_LITERAL_BYTECODES_H_

// SPDX-License-Identifier: MIT
// How long each bytecode is, per V8 version: needed to step through bytecode arrays.
#ifndef TRACEMALLOC_LAYOUT_BYTECODE_BYTECODE_SIZES_H_
#define TRACEMALLOC_LAYOUT_BYTECODE_BYTECODE_SIZES_H_

#include <cstddef>
#include <cstdint>

namespace tracemalloc {

class BytecodeSizes {
 public:
  // The first bytecodes are prefixes that widen the next one's operands: Wide, ExtraWide and the
  // debugger's two.
  static constexpr int kPrefixCount = 4;

  explicit BytecodeSizes(int node_module_version);

  // Bytes of the bytecode at `bytecodes`, including its prefix; 0 if it is invalid or does not fit.
  int SizeAt(const uint8_t* bytecodes, size_t length) const;

 private:
  const char* letters_ = "";
  int count_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_BYTECODE_BYTECODE_SIZES_H_

// SPDX-License-Identifier: MIT
// Writes position tables as V8 would.
#ifndef TRACEMALLOC_TEST_POSITION_BYTES_H_
#define TRACEMALLOC_TEST_POSITION_BYTES_H_

#include <cstdint>
#include <vector>

#include "layout/layout.h"

namespace tracemalloc {

struct PositionToEncode {
  int32_t code_offset;
  int32_t script_offset;
  int32_t inlining_id = -1;
};

inline void AppendVariableLength(uint64_t value, std::vector<uint8_t>* bytes) {
  for (; value >= 0x80; value >>= 7) bytes->push_back(static_cast<uint8_t>(value) | 0x80);
  bytes->push_back(static_cast<uint8_t>(value));
}

inline uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

inline std::vector<uint8_t> EncodePositions(const std::vector<PositionToEncode>& positions,
                                            PositionEncoding encoding) {
  std::vector<uint8_t> bytes;
  int32_t offset = -1;
  int64_t raw = 0;
  for (const PositionToEncode& position : positions) {
    const int64_t next =
        (int64_t{position.inlining_id + 1} << 31) | (int64_t{position.script_offset + 1} << 1);
    const int32_t delta = position.code_offset - offset;
    AppendVariableLength(
        encoding == kTwoFlagBits ? static_cast<uint64_t>(delta) << 2 : ZigZag(-delta - 1), &bytes);
    AppendVariableLength(ZigZag(next - raw), &bytes);
    offset = position.code_offset;
    raw = next;
  }
  return bytes;
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_TEST_POSITION_BYTES_H_

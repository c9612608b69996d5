// SPDX-License-Identifier: MIT
#include "v8/deferred_code.h"

#include <cstring>

namespace tracemalloc {

ForwardJump FindJumpBefore(const uint8_t* code, size_t size, int32_t offset) {
  constexpr int32_t kJumpSize = 6;  // 0f 8x rel32
  ForwardJump best;
  const int32_t end = static_cast<int32_t>(size) < offset ? static_cast<int32_t>(size) : offset;
  for (int32_t i = 0; i + kJumpSize <= end; ++i) {
    if (code[i] != 0x0f || (code[i + 1] & 0xf0) != 0x80) continue;
    int32_t displacement;
    std::memcpy(&displacement, code + i + 2, sizeof(displacement));
    if (displacement <= 0 || displacement >= offset - i - kJumpSize) continue;
    const int32_t target = i + kJumpSize + displacement;
    if (target > best.target) best = {i, target};
  }
  return best;
}

}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
#include "v8/deferred_code.h"

#include <cstring>

namespace tracemalloc {
namespace {

// Whether the pair of bytes at `at` is in the middle of an address, as mov register, imm64 has one.
// The addresses of objects are other ones in each process.
bool IsInAddress(const uint8_t* code, size_t size, int32_t at) {
  for (int32_t i = at < 6 ? 0 : at - 6; i <= at - 2; ++i) {
    if ((code[i] & 0xfe) == 0x48 && (code[i + 1] & 0xf8) == 0xb8 &&
        static_cast<size_t>(i) + 10 <= size && code[i + 8] == 0 && code[i + 9] == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

ForwardJump FindJumpBefore(const uint8_t* code, size_t size, int32_t offset) {
  constexpr int32_t kJumpSize = 6;  // 0f 8x rel32
  ForwardJump best;
  const int32_t end = static_cast<int32_t>(size) < offset ? static_cast<int32_t>(size) : offset;
  for (int32_t i = 0; i + kJumpSize <= end; ++i) {
    if (code[i] != 0x0f || (code[i + 1] & 0xf0) != 0x80) continue;
    int32_t displacement;
    std::memcpy(&displacement, code + i + 2, sizeof(displacement));
    if (displacement <= 0 || displacement >= offset - i - kJumpSize) continue;
    if (IsInAddress(code, size, i)) continue;
    const int32_t target = i + kJumpSize + displacement;
    if (target > best.target) best = {i, target};
  }
  return best;
}

int32_t FindMapStore(const uint8_t* code, size_t size, int32_t offset) {
  constexpr int32_t kNear = 96;
  constexpr int32_t kStoreSize = 4;  // mov [register - 1], register: rex.w 89 modrm ff
  for (int32_t i = offset; i < offset + kNear && i + kStoreSize <= static_cast<int32_t>(size);
       ++i) {
    if ((code[i] & 0xf8) == 0x48 && code[i + 1] == 0x89 && (code[i + 2] & 0xc0) == 0x40 &&
        (code[i + 2] & 7) != 4 && code[i + 3] == 0xff) {
      return i;
    }
  }
  return -1;
}

}  // namespace tracemalloc

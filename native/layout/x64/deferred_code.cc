// SPDX-License-Identifier: MIT
#include "layout/machine/deferred_code.h"

#include <algorithm>
#include <cstring>

namespace tracemalloc {
namespace {

// Whether the pair of bytes at `at` is inside an address, as in mov register, imm64. The addresses
// of objects differ in each process.
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

bool ChecksRoom(const uint8_t* code, int32_t jump) {
  // cmp [r13 + displacement8], register, or the other way round: rex 39/3b modrm displacement. r13
  // holds the address of V8's own data.
  constexpr int32_t kCompareSize = 4;
  if (jump < kCompareSize) return false;
  const uint8_t* compare = code + jump - kCompareSize;
  return (compare[0] & 0xf9) == 0x49 && (compare[1] == 0x39 || compare[1] == 0x3b) &&
         (compare[2] & 0xc7) == 0x45;
}

int32_t FindRoomCheck(const uint8_t* code, size_t size, int32_t offset) {
  constexpr int32_t kFarthest = 512;
  const int32_t last = std::min(static_cast<int32_t>(size) - 1, offset + kFarthest);
  int32_t at = offset;
  while (at < last &&
         !(code[at] == 0x0f && (code[at + 1] & 0xf0) == 0x80 && ChecksRoom(code, at))) {
    ++at;
  }
  return at;
}

JumpOverCall FindJumpOver(const uint8_t* code, size_t size, int32_t offset) {
  // The call's arguments are between the jump and the call, the moves of its result between the
  // call and the target.
  constexpr int32_t kNear = 64;
  constexpr int32_t kJumpSize = 5;  // e9 rel32
  const auto displacement_at = [code](int32_t at) {
    int32_t displacement;
    std::memcpy(&displacement, code + at, sizeof(displacement));
    return displacement;
  };
  const int32_t end = std::min(static_cast<int32_t>(size), offset);
  JumpOverCall found;
  for (int32_t i = std::max(offset - kNear, 0); i + 6 <= end; ++i) {
    if (code[i] != 0x0f || code[i + 1] != 0x87 || !ChecksRoom(code, i)) continue;  // ja rel32
    const int32_t distance = displacement_at(i + 2);
    const int32_t target = i + 6 + distance;
    if (distance <= 0 || distance > 2 * kNear || target < offset + kJumpSize ||
        target > static_cast<int32_t>(size)) {
      continue;
    }
    const int32_t to_join = displacement_at(target - kJumpSize + 1);
    const bool joins = code[target - kJumpSize] == 0xe9 && to_join > 0 && to_join <= kNear;
    found = {i, joins ? target + to_join : -1};
  }
  return found;
}

int32_t FindFieldStore(const uint8_t* code, size_t size, int32_t offset) {
  constexpr int32_t kNear = 96;
  constexpr int32_t kStoreSize = 5;
  // mov [register + 8 k - 1], register: rex.w 89 modrm displacement, and after modrm a 24 where the
  // first is r12. Not where it is rbp or r13, V8's frame and V8's own data.
  for (int32_t i = offset; i < offset + kNear && i + kStoreSize <= static_cast<int32_t>(size);
       ++i) {
    if ((code[i] & 0xf8) != 0x48 || code[i + 1] != 0x89 || (code[i + 2] & 0xc0) != 0x40) continue;
    const uint8_t base = code[i + 2] & 7;
    const bool is_r12 = base == 4 && (code[i] & 1) != 0 && code[i + 3] == 0x24;
    if (base == 5 || (base == 4 && !is_r12)) continue;
    if ((code[i + (is_r12 ? 4 : 3)] & 7) == 7) return i;
  }
  return -1;
}

bool JumpsBack(const uint8_t* code, size_t size, int32_t begin, int32_t end, int32_t first_target,
               int32_t last_target) {
  end = std::min(end, static_cast<int32_t>(size));
  for (int32_t i = std::max(begin, 0); i + 2 <= end; ++i) {
    int32_t target = i;
    if (code[i] == 0xeb) {  // jmp rel8
      target += 2 + static_cast<int8_t>(code[i + 1]);
    } else if (code[i] == 0xe9 && i + 5 <= end) {  // jmp rel32
      int32_t displacement;
      std::memcpy(&displacement, code + i + 1, sizeof(displacement));
      if (displacement >= 0 || displacement < -i) continue;
      target += 5 + displacement;
    }
    if (target < i && target >= first_target && target <= last_target) return true;
  }
  return false;
}

}  // namespace tracemalloc

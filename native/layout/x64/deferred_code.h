// SPDX-License-Identifier: MIT
// Compilers place the slow path of an allocation after the function's main code, often without a
// source position of its own. Its position is that of the jump in the main code that leads to it.
#ifndef TRACEMALLOC_LAYOUT_X64_DEFERRED_CODE_H_
#define TRACEMALLOC_LAYOUT_X64_DEFERRED_CODE_H_

#include <cstddef>
#include <cstdint>

namespace tracemalloc {

struct ForwardJump {
  int32_t source = -1;  // offset of the conditional jump
  int32_t target = -1;  // its target, at or before the given offset; -1: no such jump
};

// The conditional jump with the largest forward target before `offset`. x86-64 only: any byte pair
// outside of addresses that reads as a jump counts, so the result is only a hint.
ForwardJump FindJumpBefore(const uint8_t* code, size_t size, int32_t offset);

// Whether the jump at `jump` follows a comparison with V8's own data. So does the jump to the slow
// path of an allocation, which checks whether there is room below the limit.
bool ChecksRoom(const uint8_t* code, int32_t jump);

// The first instruction at or after `offset` that stores a field of an object; -1: none near. The
// main code continues with it after an allocation.
int32_t FindFieldStore(const uint8_t* code, size_t size, int32_t offset);

// Whether an unconditional jump in [begin, end) leads back to somewhere from `first_target` to
// `last_target`.
bool JumpsBack(const uint8_t* code, size_t size, int32_t begin, int32_t end, int32_t first_target,
               int32_t last_target);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_X64_DEFERRED_CODE_H_

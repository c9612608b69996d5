// SPDX-License-Identifier: MIT
// Compilers mostly place the slow path of an allocation after the function's main code, often
// without a source position of its own. Its position is that of the jump in the main code that
// leads to it. In code that ran seldom it may be in the main code, which jumps over it where there
// is room.
#ifndef TRACEMALLOC_LAYOUT_MACHINE_DEFERRED_CODE_H_
#define TRACEMALLOC_LAYOUT_MACHINE_DEFERRED_CODE_H_

#include <cstddef>
#include <cstdint>

namespace tracemalloc {

struct ForwardJump {
  int32_t source = -1;  // offset of the conditional jump
  int32_t target = -1;  // its target, at or before the given offset; -1: no such jump
};

// The conditional jump with the largest forward target before `offset`. On x64 any byte pair
// outside of addresses that reads as a jump counts, so the result is only a hint.
ForwardJump FindJumpBefore(const uint8_t* code, size_t size, int32_t offset);

// Whether the jump at `jump` follows a comparison with V8's own data. So does the jump to the slow
// path of an allocation, which checks whether there is room below the limit.
bool ChecksRoom(const uint8_t* code, int32_t jump);

// The first such jump at or after `offset`, or where the search ends: near `offset`, or at the end.
int32_t FindRoomCheck(const uint8_t* code, size_t size, int32_t offset);

struct JumpOverCall {
  int32_t source = -1;  // offset of the conditional jump; -1: no such jump
  int32_t join = -1;    // where the path of the call and the other one meet; -1: not found
};

// The jump that checks for room and leads over the call that returns to `offset`.
JumpOverCall FindJumpOver(const uint8_t* code, size_t size, int32_t offset);

// The first instruction at or after `offset` that stores a field of an object; -1: none near. The
// main code continues with it after an allocation.
int32_t FindFieldStore(const uint8_t* code, size_t size, int32_t offset);

// Whether an unconditional jump in [begin, end) leads back to somewhere from `first_target` to
// `last_target`.
bool JumpsBack(const uint8_t* code, size_t size, int32_t begin, int32_t end, int32_t first_target,
               int32_t last_target);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_MACHINE_DEFERRED_CODE_H_

// SPDX-License-Identifier: MIT
// Compilers move the slow path of an allocation behind the function's main code and often give it
// no source position of its own. Where it belongs is where the main code jumps to it from.
#ifndef TRACEMALLOC_LAYOUT_X64_DEFERRED_CODE_H_
#define TRACEMALLOC_LAYOUT_X64_DEFERRED_CODE_H_

#include <cstddef>
#include <cstdint>

namespace tracemalloc {

struct ForwardJump {
  int32_t source = -1;  // offset of the conditional jump
  int32_t target = -1;  // where it leads, at or before the address asked for; -1: no such jump
};

// The conditional jump with the largest forward target before `offset`. x86-64 only: any byte pair
// outside of addresses that reads as one counts, so a caller must not take the answer for more than
// a hint.
ForwardJump FindJumpBefore(const uint8_t* code, size_t size, int32_t offset);

// Whether the jump at `jump` follows on a comparison with V8's own data, as that which leads to the
// slow path of an allocation does: is there room below the limit?
bool ChecksRoom(const uint8_t* code, int32_t jump);

// The first instruction at or after `offset` that stores a field of an object; -1: none near. After
// an allocation, the main code goes on with it.
int32_t FindFieldStore(const uint8_t* code, size_t size, int32_t offset);

// Whether an unconditional jump in [begin, end) leads back to somewhere from `first_target` to
// `last_target`.
bool JumpsBack(const uint8_t* code, size_t size, int32_t begin, int32_t end, int32_t first_target,
               int32_t last_target);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_X64_DEFERRED_CODE_H_

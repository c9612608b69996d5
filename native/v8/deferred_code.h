// SPDX-License-Identifier: MIT
// Compilers move the slow path of an allocation behind the function's main code and often give it
// no source position of its own. Where it belongs is where the main code jumps to it from.
#ifndef TRACEMALLOC_V8_DEFERRED_CODE_H_
#define TRACEMALLOC_V8_DEFERRED_CODE_H_

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

// The first instruction at or after `offset` that stores an object's first word, its map; -1: none
// near. An allocation's fast path goes on with it.
int32_t FindMapStore(const uint8_t* code, size_t size, int32_t offset);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_DEFERRED_CODE_H_

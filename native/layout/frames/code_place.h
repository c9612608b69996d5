// SPDX-License-Identifier: MIT
// Where in code a machine frame is: what the frame itself tells of it, by which a walk knows the
// place again. FrameReader alone decides it, and what the place stands for.
#ifndef TRACEMALLOC_LAYOUT_FRAMES_CODE_PLACE_H_
#define TRACEMALLOC_LAYOUT_FRAMES_CODE_PLACE_H_

#include <cstdint>

namespace tracemalloc {

struct BytecodeOffset {
  int32_t value = -1;
  bool is_known = false;
};

struct CodePlace {
  enum class Kind : uint8_t {
    kNone,         // the frame is not as it must be
    kInterpreter,  // in V8's trampoline around bytecode handlers
    kBuiltin,      // in any other code of V8's own
    kCompiled,     // in machine code that V8 made, of whatever tier
  };

  Kind kind = Kind::kNone;
  uintptr_t code = 0;     // the bytecode array, tagged; else where the machine code goes on
  BytecodeOffset offset;  // in the bytecode array

  bool is_compiled() const { return kind == Kind::kCompiled; }
  bool is_at_bytecode() const { return kind == Kind::kInterpreter && offset.is_known; }
  // One for each place that is known.
  uintptr_t address() const { return is_at_bytecode() ? code + offset.value : code; }
};

// The code that allocated, where that is known: machine code by itself, in no call of its own, or a
// bytecode. Valid until the next collection.
struct AllocatingCode {
  CodePlace place;         // compiled, or at a bytecode; of no kind: not known
  uintptr_t function = 0;  // of machine code: its JSFunction, tagged
  uint32_t frames = 0;     // innermost frames of the stack that share it
  // V8 leaves optimized code and makes what that had no need of: the frames are where they will go
  // on, and nobody knows how many of them were that code's.
  bool is_deoptimizing = false;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_CODE_PLACE_H_

// SPDX-License-Identifier: MIT
// The place of a machine frame in code, from the frame's own words; a walk recognizes known places
// by it. Only FrameReader determines the place, and the functions it stands for.
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
    kNone,         // the frame is invalid
    kInterpreter,  // in V8's trampoline around bytecode handlers
    kBuiltin,      // in any other builtin of V8
    kCompiled,     // in machine code that V8 generated, of any tier
  };

  Kind kind = Kind::kNone;
  uintptr_t code = 0;     // the bytecode array, tagged; else the return address
  BytecodeOffset offset;  // in the bytecode array

  bool is_compiled() const { return kind == Kind::kCompiled; }
  bool is_at_bytecode() const { return kind == Kind::kInterpreter && offset.is_known; }
  // Unique for each known place.
  uintptr_t address() const { return is_at_bytecode() ? code + offset.value : code; }
};

// The code that allocated, if that is known: machine code itself, rather than code that it called;
// or a bytecode. Valid until the next collection.
struct AllocatingCode {
  CodePlace place;         // compiled, or at a bytecode; kNone: not known
  uintptr_t function = 0;  // if machine code: its JSFunction, tagged
  uint32_t frames = 0;     // number of the stack's innermost frames in this code
  // V8 is deoptimizing, and allocates objects that the optimized code had avoided: the frames are
  // at the places where they will continue, and it is unknown how many of them belonged to that
  // code.
  bool is_deoptimizing = false;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_CODE_PLACE_H_

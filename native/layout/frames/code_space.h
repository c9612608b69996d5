// SPDX-License-Identifier: MIT
// The facts about V8's machine code that the walker needs before it can follow frames: where an
// isolate keeps the top of its JavaScript stack, where builtins lie (in node's text and, remapped,
// near the JIT's code) and which return addresses mean "an interpreted frame". All of them are read
// from V8's API or decoded from instruction bytes, once.
#ifndef TRACEMALLOC_LAYOUT_FRAMES_CODE_SPACE_H_
#define TRACEMALLOC_LAYOUT_FRAMES_CODE_SPACE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "layout/v8_facts.h"

namespace tracemalloc {

class CodeSpace {
 public:
  // False with the reason if any instruction is not as expected.
  bool Init(const V8Facts& v8, std::string* reason);

  // Frame pointer of the innermost exit frame; 0: no JavaScript on this stack.
  uintptr_t TopExitFrame() const { return *top_exit_frame_; }
  // Where an entry frame keeps the fp of the next exit frame outwards, relative to its own fp.
  int entry_saved_exit() const { return entry_saved_exit_; }

  // A builtin's address in node's text, whichever copy `pc` lies in; 0: no builtin.
  uintptr_t NormalizedBuiltin(uintptr_t pc) const {
    if (pc - embedded_start_ < embedded_size_) return pc;
    if (pc - remapped_start_ < embedded_size_) return pc - remapped_start_ + embedded_start_;
    return 0;
  }
  // Whether bytecode handlers return to that address.
  bool IsInterpreterReturn(uintptr_t normalized_pc) const {
    return normalized_pc != 0 &&
           (normalized_pc == interpreter_returns_[0] || normalized_pc == interpreter_returns_[1]);
  }
  // The start of the bytecode handler whose code contains that address; 0: none.
  uintptr_t HandlerAt(uintptr_t normalized_pc) const;
  // The handler of a bytecode; operand_scale 0, 1, 2 for single, double and quadruple operands.
  uintptr_t HandlerOf(uint8_t bytecode, int operand_scale) const {
    return dispatch_[operand_scale * 256 + bytecode];
  }

 private:
  bool DecodeEntryStub(const V8Facts& v8, std::string* reason);
  bool FindInterpreter(const V8Facts& v8, std::string* reason);
  void FindRemappedBuiltins(const MemoryRange& code_range);
  bool HoldsBuiltins(uintptr_t start) const;

  const uintptr_t* top_exit_frame_ = nullptr;
  int entry_saved_exit_ = 0;
  uintptr_t embedded_start_ = 0;
  uintptr_t embedded_size_ = 0;
  uintptr_t remapped_start_ = 0;
  uintptr_t interpreter_returns_[2] = {0, 0};
  std::vector<uintptr_t> dispatch_;  // normalised, by scale and bytecode
  std::vector<uintptr_t> handlers_;  // the same, sorted, each once
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_CODE_SPACE_H_

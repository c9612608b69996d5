// SPDX-License-Identifier: MIT
// The tables of a Maglev or TurboFan code object: the positions of its instructions, the functions
// inlined in it with the places of their calls, and where V8 would continue after a call if the
// code were deoptimized.
#ifndef TRACEMALLOC_LAYOUT_FRAMES_OPTIMIZED_CODE_H_
#define TRACEMALLOC_LAYOUT_FRAMES_OPTIMIZED_CODE_H_

#include <cstdint>
#include <vector>

#include "layout/bytecode/position_table.h"
#include "layout/frames/code_lookup.h"
#include "layout/frames/safepoint_table.h"

namespace tracemalloc {

class HeapView;

struct OptimizedFrame {
  uintptr_t shared = 0;   // tagged SharedFunctionInfo
  int32_t position = -1;  // offset into the script's source; -1: not known
  bool approximate = false;
  int32_t bytecode = -1;  // its offset, if the call's deoptimisation data has it; -1: not known
};

// A place in optimized code.
struct OptimizedPlace {
  SourcePosition position;             // from the code's position table
  std::vector<OptimizedFrame> frames;  // innermost first; the last one is the code's own function
};

class OptimizedCode {
 public:
  static constexpr int kMaxInliningDepth = 256;

  // An inlined function, and the place of its call.
  struct Inlining {
    SourcePosition caller;
    uintptr_t function = 0;  // tagged SharedFunctionInfo; 0: can't be read
  };

  // `shared`: the code's own function. False: it can't be read.
  bool Decode(const HeapView& heap, const CodeObject& code, uintptr_t shared);
  // Reads the tables of the decoded code, which only safepoints() and HasCall need.
  bool DecodeSafepoints(const HeapView& heap) { return safepoints_.Decode(heap, code_); }

  const CodeObject& object() const { return code_; }
  const PositionTable& positions() const { return positions_; }
  const SafepointTable& safepoints() const { return safepoints_; }
  const std::vector<Inlining>& inlinings() const { return inlinings_; }  // by inlining id
  int32_t inlined_count() const { return static_cast<int32_t>(inlinings_.size()); }

  // The function of that inlining id, which is -1 for the code's own; 0: it can't be read.
  uintptr_t FunctionAt(int32_t inlining_id) const;
  // The functions at a position. False if one of them can't be read.
  bool Expand(SourcePosition position, OptimizedPlace* place) const;
  // The bytecode at which the innermost function would continue after the call; unchanged if the
  // call has no deoptimisation data. False if that data is not of this call.
  bool DeoptBytecode(const HeapView& heap, const Safepoint& safepoint,
                     int32_t* bytecode_offset) const;
  // Whether the code calls a function at that position, at the bytecode of that offset in the
  // innermost function there: in a frame of its own, or inlined. A builtin that V8 compiles into
  // the code counts as neither.
  bool HasCall(const HeapView& heap, SourcePosition position, int32_t bytecode_offset) const;

 private:
  CodeObject code_;
  uintptr_t shared_ = 0;
  uintptr_t deopt_data_ = 0;
  PositionTable positions_;
  SafepointTable safepoints_;
  std::vector<Inlining> inlinings_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_OPTIMIZED_CODE_H_

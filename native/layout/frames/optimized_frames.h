// SPDX-License-Identifier: MIT
// One frame of optimised code may stand for several functions. This expands a return address in
// Maglev or TurboFan code to the functions inlined there, each with its own position.
#ifndef TRACEMALLOC_LAYOUT_FRAMES_OPTIMIZED_FRAMES_H_
#define TRACEMALLOC_LAYOUT_FRAMES_OPTIMIZED_FRAMES_H_

#include <cstdint>
#include <vector>

#include "layout/bytecode/function_positions.h"
#include "layout/bytecode/position_table.h"
#include "layout/frames/code_lookup.h"
#include "layout/frames/safepoint_table.h"

namespace tracemalloc {

class HeapView;

struct OptimizedFrame {
  uintptr_t shared = 0;   // tagged SharedFunctionInfo
  int32_t position = -1;  // offset into the script's source; -1: not known
  bool approximate = false;
  int32_t bytecode = -1;  // its offset, where the code's call tells it; -1: not known
};

class OptimizedFrames {
 public:
  // Innermost first; the last one is the code's own function, `shared`. False if the position
  // can't be had, or is another one than V8 would go on at if the code were thrown away.
  bool Expand(const HeapView& heap, const CodeObject& code, uintptr_t shared, uintptr_t pc,
              FunctionPositions* functions, std::vector<OptimizedFrame>* frames);

  // The same for the slow path of an allocation in this code, when it is known that the object is
  // an instance: `constructors` as FindConstructors finds them.
  enum class Construction {
    kNotHere,    // no constructor of the object is inlined in this code
    kOnlyPlace,  // one is, at one place
    kChosen,     // at several, and the code around tells which
    kSeveral,    // at several, and nothing tells which
  };
  Construction ExpandConstruction(const HeapView& heap, const CodeObject& code, uintptr_t shared,
                                  uintptr_t pc, const std::vector<uintptr_t>& constructors,
                                  std::vector<OptimizedFrame>* frames);

  // The functions of the code last expanded, by inlining id from -1 on, which is its own; 0: one
  // that can't be read.
  int32_t inlined_count() const { return static_cast<int32_t>(inlinings_.size()); }
  uintptr_t InlinedFunction(int32_t id, uintptr_t shared) const {
    return FunctionAt(SourcePosition::In(id, 0), shared);
  }
  // Whether the code last expanded calls a function at the bytecode of that offset, in the
  // innermost function where it was expanded: in a frame of its own, or inlined. A builtin that V8
  // compiles into the code has neither.
  bool HasCall(const HeapView& heap, int32_t bytecode_offset) const;
  bool ExpandPlace(SourcePosition position, uintptr_t shared, std::vector<OptimizedFrame>* frames) {
    frames->clear();
    return ExpandInlined(position, shared, frames);
  }

 private:
  // What the code object says of its positions; the others read what this leaves here.
  bool Decode(const HeapView& heap, const CodeObject& code, uintptr_t shared);
  // The function that the position is in; 0: can't be read.
  uintptr_t FunctionAt(SourcePosition position, uintptr_t shared) const;
  // Which of the places that call the constructor the slow path at `offset` belongs to.
  bool ChooseCaller(const HeapView& heap, const CodeObject& code, int32_t offset,
                    const std::vector<SourcePosition>& callers, uintptr_t constructor,
                    SourcePosition* caller);
  bool ExpandInlined(SourcePosition position, uintptr_t shared,
                     std::vector<OptimizedFrame>* frames);
  void CorrectPeeledLoops(const HeapView& heap, int32_t bytecode_offset,
                          FunctionPositions* functions, std::vector<OptimizedFrame>* frames) const;
  // Where in the code the call that returns to `offset` has its position.
  struct Origin {
    int32_t offset = -1;  // -1: at the call itself
    bool approximate = false;
    int32_t jump = -1;  // in the main code, to the slow path that the call is in; -1: none
  };
  // `own_entry`: where the position begins that the table has for the call. `may_allocate`: nothing
  // says that the call is more than an inline allocation's slow path.
  Origin FindOrigin(const HeapView& heap, const CodeObject& code, int32_t offset, int32_t own_entry,
                    bool may_allocate);
  enum class Agreement { kUnknown, kYes, kNo };
  // Whether this bytecode of the innermost of these frames is at the frame's position.
  static Agreement AgreesWith(const HeapView& heap, int32_t bytecode_offset,
                              const std::vector<OptimizedFrame>& frames,
                              FunctionPositions* functions);

  // An inlined function: where it is called, and which it is.
  struct Inlining {
    SourcePosition caller;
    uintptr_t function = 0;  // tagged SharedFunctionInfo; 0: can't be read
  };

  PositionTable table_;
  SafepointTable safepoints_;
  uintptr_t deopt_data_ = 0;
  Tier tier_ = Tier::kOther;
  SourcePosition expanded_;          // the place last expanded
  std::vector<Inlining> inlinings_;  // by inlining id
  std::vector<uint8_t> instructions_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_OPTIMIZED_FRAMES_H_

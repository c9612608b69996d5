// SPDX-License-Identifier: MIT
// Interprets machine frames, as the only class that does: the code that a frame runs, its tier, the
// functions that it stands for, their positions, and whether these are exact. Two steps:
//
//   PlaceOf   the place in code, from the frame's own words; a walk does this for each frame
//   Read      the functions and positions of a place; once for each place
//
//   tier               the position is told by                        approximate where
//   interpreter        interpreted_offset, function_positions         the bytecode is not known
//   baseline           baseline_positions, function_positions         the same
//   maglev, turbofan   optimized_code, optimized_positions            nothing tells, call and code
//                                                                     contradict each other, a
//                                                                     position is a neighbour's
//   builtins, wasm     nothing: no JavaScript of a user's, unless it is a trampoline around the
//                      interpreter
//
// Frames of a tier that is switched off get their functions' first positions, all approximate. No
// results are cached or interned here.
#ifndef TRACEMALLOC_LAYOUT_FRAMES_FRAME_READER_H_
#define TRACEMALLOC_LAYOUT_FRAMES_FRAME_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/frame.h"
#include "layout/bytecode/function_positions.h"
#include "layout/bytecode/literal_bytecodes.h"
#include "layout/frames/code_lookup.h"
#include "layout/frames/code_place.h"
#include "layout/frames/code_space.h"
#include "layout/frames/frame_chain.h"
#include "layout/frames/interpreted_offset.h"
#include "layout/frames/optimized_code.h"
#include "layout/frames/optimized_positions.h"
#include "layout/heap_view.h"
#include "layout/v8_facts.h"

namespace tracemalloc {

// A function of a frame: its identity, its position, and in `key.flags` whether that is exact.
struct SourceFrame {
  FrameKey key;
  uintptr_t shared = 0;  // tagged
  uintptr_t script = 0;  // tagged
  Tier tier = Tier::kOther;
};

enum class ReadResult {
  kFrames,         // at least one
  kNotJavaScript,  // a builtin's frame, or one of a script that users can't see
  kUnreadable,     // an invalid JavaScript frame
};

class FrameReader {
 public:
  FrameReader(const Layout* layout, const V8Facts& v8);
  bool Init(std::string* reason) { return code_space_.Init(v8_, reason); }

  const Layout& layout() const { return *layout_; }
  const V8Facts& v8() const { return v8_; }
  // The current stack, from its innermost frame.
  uintptr_t TopExitFrame() const { return code_space_.TopExitFrame(); }
  FrameChain Chain(const HeapView& heap) const {
    return FrameChain(heap, code_space_.TopExitFrame(), code_space_.entry_saved_exit());
  }

  CodePlace PlaceOf(const HeapView& heap, const PhysicalFrame& frame) {
    const uintptr_t builtin = code_space_.NormalizedBuiltin(frame.pc);
    if (code_space_.IsInterpreterReturn(builtin)) return InterpreterPlace(heap, frame);
    return {builtin != 0 ? CodePlace::Kind::kBuiltin : CodePlace::Kind::kCompiled, frame.pc, {}};
  }
  // Appends the frame's functions, innermost first. `place`: from PlaceOf. Compiled code is always
  // read in checked mode: it may have died since the last collection that V8 reported.
  ReadResult Read(const HeapView& heap, const PhysicalFrame& frame, const CodePlace& place,
                  std::vector<SourceFrame>* out);
  // The whole stack. False if any of it is unreadable.
  bool ReadStack(const HeapView& heap, std::vector<SourceFrame>* out);

  // Whether V8 has put the frame there by deoptimization, and is still allocating the objects that
  // the optimized code had avoided.
  static bool IsYetToRun(const HeapView& heap, const PhysicalFrame& frame, const CodePlace& place);

  // For PlaceJudge.
  //
  // The optimized code at that place; nullptr: none, or its tier is switched off.
  const CodeObject* OptimizedCodeAt(const HeapView& heap, const CodePlace& place);
  // Fills in all of a SourceFrame except its position and tier.
  ReadResult Identify(const HeapView& heap, uintptr_t shared, SourceFrame* frame) const;
  // Appends the functions at that place in the code of `outermost`.
  void Append(const HeapView& heap, const SourceFrame& outermost, const OptimizedPlace& place,
              std::vector<SourceFrame>* out);
  // The same if a literal may have allocated.
  void AppendLiteral(const HeapView& heap, const SourceFrame& outermost, const OptimizedCode& code,
                     const OptimizedPlace& place, std::vector<SourceFrame>* out);

  // From now on, frames of that tier get only their function's position.
  void SwitchOff(Tier tier) { switched_off_ |= 1u << static_cast<int>(tier); }

  void CodeMayHaveMoved() { code_lookup_.Clear(); }
  size_t MemoryUsage() const { return code_lookup_.MemoryUsage() + interpreted_.MemoryUsage(); }

 private:
  CodePlace InterpreterPlace(const HeapView& heap, const PhysicalFrame& frame) {
    uintptr_t bytecode_array;
    if (!heap.Load(frame.fp + kFrameBytecodeArray, &bytecode_array) ||
        !HeapView::IsHeapObject(bytecode_array)) {
      return {};
    }
    return {CodePlace::Kind::kInterpreter, bytecode_array,
            interpreted_.Find(heap, code_space_, functions_.sizes(), frame, bytecode_array)};
  }
  // Reads an interpreted frame, in whichever trampoline.
  ReadResult ReadBytecode(const HeapView& heap, const PhysicalFrame& frame,
                          uintptr_t bytecode_array, BytecodeOffset offset,
                          std::vector<SourceFrame>* out);
  ReadResult ReadCompiled(const PhysicalFrame& frame, std::vector<SourceFrame>* out);
  // Reads bytecode interpreted outside the shared trampoline, or no user JavaScript at all.
  ReadResult ReadBuiltin(const HeapView& heap, const PhysicalFrame& frame,
                         std::vector<SourceFrame>* out);
  // Gives the frame the position of a bytecode.
  void PlaceAtBytecode(const HeapView& heap, uintptr_t bytecode_array, BytecodeOffset offset,
                       SourceFrame* frame);
  // Gives the frame its function's position, marked approximate.
  void Approximate(const HeapView& heap, SourceFrame* frame);
  // The function that the frame runs; false: none.
  bool SharedOf(const HeapView& heap, const PhysicalFrame& frame, uintptr_t* shared) const;

  bool IsOff(Tier tier) const { return (switched_off_ & (1u << static_cast<int>(tier))) != 0; }

  const Layout* layout_;
  const V8Facts v8_;
  unsigned switched_off_ = 0;  // a bit for each Tier
  HeapView checked_;
  CodeSpace code_space_;
  FunctionPositions functions_;
  LiteralBytecodes literals_;
  InterpretedOffsets interpreted_;
  CodeLookup code_lookup_;
  OptimizedPositions optimized_;
  OptimizedCode code_;    // read last
  OptimizedPlace place_;  // in it
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_FRAME_READER_H_

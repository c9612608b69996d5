// SPDX-License-Identifier: MIT
// Tells which function and source position a machine frame is at, whatever tier its code is of.
// No cache of answers, no interning: what the walker calls on a miss and the self-test always.
#ifndef TRACEMALLOC_V8_WALKER_FRAME_READER_H_
#define TRACEMALLOC_V8_WALKER_FRAME_READER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/frame.h"
#include "layout/bytecode/function_positions.h"
#include "layout/bytecode/literal_bytecodes.h"
#include "layout/frames/code_lookup.h"
#include "layout/frames/code_space.h"
#include "layout/frames/frame_chain.h"
#include "layout/frames/interpreted_offset.h"
#include "layout/frames/optimized_frames.h"
#include "layout/heap_view.h"
#include "layout/v8_facts.h"
#include "layout/verdicts/consistency_gate.h"
#include "layout/verdicts/literal_matcher.h"
#include "v8/walker/stack_walker.h"

namespace tracemalloc {

struct SourceFrame {
  FrameKey key;
  uintptr_t shared = 0;  // tagged
  uintptr_t script = 0;  // tagged
  Tier tier = Tier::kOther;
};

enum class ReadResult {
  kFrames,         // at least one
  kNotJavaScript,  // a builtin's frame, or a script users can't see
  kUnreadable,     // a JavaScript frame that is not as it must be
};

class FrameReader {
 public:
  FrameReader(const Layout* layout, const V8Facts& v8);
  bool Init(std::string* reason) { return code_space_.Init(v8_, reason); }

  const Layout& layout() const { return *layout_; }
  const CodeSpace& code_space() const { return code_space_; }
  const BytecodeSizes& sizes() const { return functions_.sizes(); }

  // Appends the frame's functions, innermost first.
  ReadResult Read(const HeapView& heap, const PhysicalFrame& frame, std::vector<SourceFrame>* out);
  // The whole stack. False if any of it is unreadable.
  bool ReadStack(const HeapView& heap, std::vector<SourceFrame>* out);

  // An interpreted frame at a known offset.
  ReadResult ReadInterpreted(const HeapView& heap, const PhysicalFrame& frame,
                             uintptr_t bytecode_array, InterpretedOffset offset,
                             std::vector<SourceFrame>* out);
  // Always in checked mode: what it looks at may have died since V8 last told of a collection.
  ReadResult ReadCompiled(const PhysicalFrame& frame, std::vector<SourceFrame>* out);
  // Bytecode interpreted outside the shared trampoline, or no JavaScript of a user's at all.
  ReadResult ReadBuiltin(const HeapView& heap, const PhysicalFrame& frame,
                         std::vector<SourceFrame>* out);

  // What `object`, tagged, tells of the frames of the code that made it: if corrected or certain,
  // they are appended.
  PlaceVerdict::Kind Judge(const AllocatingCode& allocating, uintptr_t object,
                           std::vector<SourceFrame>* out);

  InterpretedOffset OffsetOf(const HeapView& heap, const PhysicalFrame& frame,
                             uintptr_t bytecode_array) {
    return interpreted_.Find(heap, code_space_, sizes(), frame, bytecode_array);
  }

  // From now on frames of that tier get their function's position only.
  void SwitchOff(Tier tier) { switched_off_ |= 1u << static_cast<int>(tier); }

  void CodeMayHaveMoved() { code_lookup_.Clear(); }
  size_t MemoryUsage() const { return code_lookup_.MemoryUsage() + interpreted_.MemoryUsage(); }

 private:
  // Names the function: everything of a SourceFrame but its position.
  ReadResult Identify(const HeapView& heap, uintptr_t shared, SourceFrame* frame) const;
  // Where the code just expanded has the literal that made the object. kAsTold: nothing more is
  // known of it than before.
  PlaceVerdict::Kind FindLiteral(const SourceFrame& outermost, uintptr_t object, bool is_closure,
                                 std::vector<SourceFrame>* out);
  // Whether the frames of that code are possible for an object of that kind.
  PlaceVerdict::Kind JudgeKind(const SourceFrame& outermost, ConsistencyGate::ObjectKind kind,
                               std::vector<SourceFrame>* out);
  // The frames in `inlined_`.
  void AppendInlined(const SourceFrame& outermost, std::vector<SourceFrame>* out);
  // Gives `frame` the place of the innermost one in `inlined_`.
  void PlaceLiteral(SourceFrame* frame);
  // Function precision.
  void Approximate(const HeapView& heap, SourceFrame* frame);

  bool IsOff(Tier tier) const { return (switched_off_ & (1u << static_cast<int>(tier))) != 0; }

  const Layout* layout_;
  const V8Facts v8_;
  unsigned switched_off_ = 0;  // a bit for each Tier
  HeapView checked_;
  CodeSpace code_space_;
  FunctionPositions functions_;
  LiteralBytecodes literals_;
  CodeLookup code_lookup_;
  OptimizedFrames optimized_;
  ConsistencyGate consistency_;
  LiteralMatcher matcher_;
  InterpretedOffsets interpreted_;
  std::vector<OptimizedFrame> inlined_;
  std::vector<uintptr_t> constructors_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_WALKER_FRAME_READER_H_

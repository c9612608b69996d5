// SPDX-License-Identifier: MIT
// The chain of machine frames of one JavaScript stack, innermost first:
//
//   fp+8  return address      the code of the frame that lies at [fp]
//   fp    caller's fp
//   fp-8  context, or frame type << 1      bit 0 distinguishes them: contexts are tagged pointers
//   fp-16 JSFunction
//   fp-32 bytecode array                   interpreter and Sparkplug
//   fp-40 bytecode offset                  interpreter
//
// An entry frame leads over C++ frames to the exit frame through which JavaScript called them.
// LIMITATIONS: WebAssembly frames are skipped; a stack switch (JSPI) ends the chain.
#ifndef TRACEMALLOC_LAYOUT_FRAMES_FRAME_CHAIN_H_
#define TRACEMALLOC_LAYOUT_FRAMES_FRAME_CHAIN_H_

#include <cstdint>

#include "layout/heap_view.h"

namespace tracemalloc {

constexpr int kFrameMarker = -8;
constexpr int kFrameFunction = -16;
constexpr int kFrameBytecodeArray = -32;
constexpr int kFrameBytecodeOffset = -40;

// A frame that runs, or may run, a JavaScript function.
struct PhysicalFrame {
  uintptr_t pc = 0;  // where it continues after its callee returns
  uintptr_t fp = 0;
  uintptr_t callee_fp = 0;  // fp of the frame it called
  uintptr_t stub_pc = 0;    // if that is a stub's frame (a bytecode handler, say), its pc; else 0
  uintptr_t stub_callee_fp = 0;
  bool is_innermost = false;
};

class FrameChain {
 public:
  // Starts at the innermost exit frame, 0: there is none. `entry_saved_exit`: where entry frames
  // keep the next exit frame's fp, relative to their own.
  FrameChain(const HeapView& heap, uintptr_t top_exit_frame, int entry_saved_exit)
      : heap_(heap), entry_saved_exit_(entry_saved_exit) {
    if (top_exit_frame == 0 || !Follow(top_exit_frame)) fp_ = 0;
  }

  // False after the outermost frame, or if the chain is invalid.
  bool Next(PhysicalFrame* frame) {
    uintptr_t stub_pc = 0;
    uintptr_t stub_callee_fp = 0;
    while (fp_ != 0 && ++steps_ < kMaxSteps) {
      uintptr_t marker;
      if (!heap_.Load(fp_ + kFrameMarker, &marker)) break;
      if ((marker & 1) != 0) {
        *frame = {pc_, fp_, callee_fp_, stub_pc, stub_callee_fp, is_innermost_};
        is_innermost_ = false;
        if (!Follow(fp_)) fp_ = 0;
        return true;
      }
      const uintptr_t type = marker >> 1;
      stub_pc = type == static_cast<uintptr_t>(heap_.layout().frame_stub) ? pc_ : 0;
      stub_callee_fp = callee_fp_;
      uintptr_t below = fp_;
      if (type == kEntry || type == kConstructEntry) {
        if (!heap_.Load(fp_ + entry_saved_exit_, &below) || below <= fp_) break;
      }
      if (!Follow(below)) break;
    }
    fp_ = 0;
    return false;
  }

 private:
  static constexpr uintptr_t kEntry = 1;
  static constexpr uintptr_t kConstructEntry = 2;
  static constexpr int kMaxSteps = 1 << 16;

  // Steps from the frame at `callee` to its caller.
  bool Follow(uintptr_t callee) {
    uintptr_t words[2];
    if ((callee & 7) != 0 || !heap_.Copy(callee, words, sizeof(words)) || words[0] <= callee ||
        (words[0] & 7) != 0) {
      return false;
    }
    callee_fp_ = callee;
    fp_ = words[0];
    pc_ = words[1];
    return true;
  }

  const HeapView& heap_;
  int entry_saved_exit_;
  uintptr_t fp_ = 0;
  uintptr_t pc_ = 0;
  uintptr_t callee_fp_ = 0;
  int steps_ = 0;
  bool is_innermost_ = true;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_FRAME_CHAIN_H_

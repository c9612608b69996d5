// SPDX-License-Identifier: MIT
// Compares the walker's view of the current stack with V8's own. For safe points only: V8 allocates
// heap objects for it.
#ifndef TRACEMALLOC_V8_WALKER_STACK_COMPARISON_H_
#define TRACEMALLOC_V8_WALKER_STACK_COMPARISON_H_

#include <v8.h>

#include <string>
#include <vector>

#include "layout/frames/frame_reader.h"

namespace tracemalloc {

struct ComparedFrame {
  SourceFrame own;
  v8::Local<v8::StackFrame> expected;
};

// Pairs both stacks frame by frame. False with the reason if they differ in length or scripts.
bool PairStacks(v8::Isolate* isolate, FrameReader* reader, std::vector<ComparedFrame>* frames,
                std::string* reason);

// Whether the walker's position is V8's line and column, in a script whose text starts at
// `line_offset` and `column_offset`, which are zero-based. Not for approximate frames.
bool SamePlace(v8::Isolate* isolate, const ComparedFrame& frame, int line_offset, int column_offset,
               std::string* reason);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_WALKER_STACK_COMPARISON_H_

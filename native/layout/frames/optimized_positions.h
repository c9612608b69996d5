// SPDX-License-Identifier: MIT
// Where a return address in optimized code is, in all functions inlined there, and whether that is
// exact.
#ifndef TRACEMALLOC_LAYOUT_FRAMES_OPTIMIZED_POSITIONS_H_
#define TRACEMALLOC_LAYOUT_FRAMES_OPTIMIZED_POSITIONS_H_

#include <cstdint>

#include "layout/frames/call_origin.h"

namespace tracemalloc {

class FunctionPositions;
class HeapView;
class OptimizedCode;
struct OptimizedPlace;

class OptimizedPositions {
 public:
  // `code` is decoded; its safepoints become so. False if the position can't be had, or is another
  // one than V8 would go on at if the code were thrown away.
  bool Find(const HeapView& heap, OptimizedCode* code, uintptr_t pc, FunctionPositions* functions,
            OptimizedPlace* place);

 private:
  CallOrigins origins_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_OPTIMIZED_POSITIONS_H_

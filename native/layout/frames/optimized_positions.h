// SPDX-License-Identifier: MIT
// Finds the positions of a return address in optimized code, in all functions inlined there, and
// whether they are exact.
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
  // `code` must be decoded; this decodes its safepoints. False if the position can't be found, or
  // differs from where V8 would continue if the code were deoptimized.
  bool Find(const HeapView& heap, OptimizedCode* code, uintptr_t pc, FunctionPositions* functions,
            OptimizedPlace* place);

 private:
  CallOrigins origins_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_OPTIMIZED_POSITIONS_H_

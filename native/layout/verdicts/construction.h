// SPDX-License-Identifier: MIT
// Which `new` of optimized code made an instance.
#ifndef TRACEMALLOC_LAYOUT_VERDICTS_CONSTRUCTION_H_
#define TRACEMALLOC_LAYOUT_VERDICTS_CONSTRUCTION_H_

#include <cstdint>
#include <vector>

#include "layout/bytecode/position_table.h"
#include "layout/frames/call_origin.h"

namespace tracemalloc {

class HeapView;
class OptimizedCode;
struct OptimizedPlace;

enum class Construction {
  kNotHere,    // no constructor of the object is inlined in this code
  kOnlyPlace,  // one is, at one place
  kChosen,     // at several, and the code around tells which
  kSeveral,    // at several, and nothing tells which
};

class Constructions {
 public:
  // Of the allocation whose slow path returns to `pc`; `constructors` as FindConstructors finds
  // them. `place`: of the `new`, if it is found.
  Construction Find(const HeapView& heap, const OptimizedCode& code, uintptr_t pc,
                    const std::vector<uintptr_t>& constructors, OptimizedPlace* place);

 private:
  // Which of the places that call the constructor the slow path at `offset` belongs to.
  bool ChooseCaller(const HeapView& heap, const OptimizedCode& code, int32_t offset,
                    const std::vector<SourcePosition>& callers, uintptr_t constructor,
                    SourcePosition* caller);

  CallOrigins origins_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_VERDICTS_CONSTRUCTION_H_

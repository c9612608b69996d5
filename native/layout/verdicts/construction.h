// SPDX-License-Identifier: MIT
// Finds the `new` of optimized code that made an instance.
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
  kOnlyPlace,  // one is inlined, at one place
  kChosen,     // one is inlined at several places, and the code around shows which of them
  kSeveral,    // one is inlined at several places, and nothing shows which of them
};

class Constructions {
 public:
  // For the allocation whose slow path returns to `pc`; `constructors`: from FindConstructors.
  // `place`: that of the `new`, if it is found.
  Construction Find(const HeapView& heap, const OptimizedCode& code, uintptr_t pc,
                    const std::vector<uintptr_t>& constructors, OptimizedPlace* place);

 private:
  // Finds the place, among those that call the constructor, that the slow path at `offset` belongs
  // to.
  bool ChooseCaller(const HeapView& heap, const OptimizedCode& code, int32_t offset,
                    const std::vector<SourcePosition>& callers, uintptr_t constructor,
                    SourcePosition* caller);

  CallOrigins origins_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_VERDICTS_CONSTRUCTION_H_

// SPDX-License-Identifier: MIT
#include "layout/verdicts/construction.h"

#include <algorithm>

#include "layout/bytecode/function_positions.h"
#include "layout/frames/optimized_code.h"
#include "layout/heap_view.h"

namespace tracemalloc {

// TurboFan inlines larger constructors late, and gives a `new` of such a one no position: its code
// seems to belong to whatever precedes it. But each inlined function is listed with the place of
// its call, and the code after an instance's allocation is that of its constructor.
Construction Constructions::Find(const HeapView& heap, const OptimizedCode& code, uintptr_t pc,
                                 const std::vector<uintptr_t>& constructors,
                                 OptimizedPlace* place) {
  if (constructors.empty()) return Construction::kNotHere;
  const uintptr_t base = constructors.back();
  const size_t derived = constructors.size() - 1;
  // An object of a derived class is allocated by the base class's constructor, in the derived
  // class's call of super().
  std::vector<SourcePosition> callers;
  for (const OptimizedCode::Inlining& inlined : code.inlinings()) {
    if (inlined.function != base) continue;
    const uintptr_t caller = code.FunctionAt(inlined.caller.inlining_id());
    const auto end = constructors.begin() + static_cast<std::ptrdiff_t>(derived);
    if (derived > 0 && std::find(constructors.begin(), end, caller) == end) continue;
    callers.push_back(inlined.caller);
  }
  if (callers.empty()) return Construction::kNotHere;
  SourcePosition found = callers.front();
  const bool is_single = std::all_of(callers.begin(), callers.end(), [&](SourcePosition caller) {
    return caller.raw == found.raw;
  });
  if (!is_single && !ChooseCaller(heap, code, static_cast<int32_t>(pc - code.object().start),
                                  callers, base, &found)) {
    return Construction::kSeveral;
  }
  if (!code.Expand(found, place)) return Construction::kSeveral;
  return is_single ? Construction::kOnlyPlace : Construction::kChosen;
}

bool Constructions::ChooseCaller(const HeapView& heap, const OptimizedCode& code, int32_t offset,
                                 const std::vector<SourcePosition>& callers, uintptr_t constructor,
                                 SourcePosition* caller) {
  // V8's --max-inlined-bytecode-size-small: smaller functions are inlined early, and the allocation
  // has the position of the call.
  constexpr int32_t kSmall = 27;
  constexpr int32_t kEmpty = 3;  // only returns
  const PositionTable::Entry* own = code.positions().Find(offset - 1);
  if (own == nullptr) return false;
  const CallOrigin origin = origins_.Find(heap, code.object(), offset, own->code_offset, true);
  if (origin.jump < 0) return false;
  if (origin.offset >= 0) own = code.positions().Find(origin.offset);
  const auto is_caller = [&](SourcePosition position) {
    return std::any_of(callers.begin(), callers.end(),
                       [&](SourcePosition each) { return each.raw == position.raw; });
  };
  const bool has_own = own != nullptr && !origin.approximate && is_caller(own->position);
  int32_t length;
  const uintptr_t bytecodes = FunctionPositions::BytecodeOf(heap, constructor);
  if (bytecodes == 0 || !heap.SmiField(bytecodes, kArrayLength, &length)) return false;
  *caller = has_own ? own->position : SourcePosition{};
  if (has_own && length <= kEmpty) return true;
  // From the innermost function outwards to one that is the constructor.
  const auto caller_of = [&](SourcePosition position) -> SourcePosition {
    for (int depth = 0; depth < OptimizedCode::kMaxInliningDepth; ++depth) {
      const int32_t id = position.inlining_id();
      if (id < 0 || id >= code.inlined_count()) break;
      const OptimizedCode::Inlining& inlined = code.inlinings()[id];
      position = inlined.caller;
      if (inlined.function == constructor && is_caller(position)) return position;
    }
    return {};
  };
  // Before the stores of the object's fields, and between them, there may be code of another `new`:
  // what both compute is computed once.
  const CodeRange stores = origins_.StoresAfter(origin.jump);
  SourcePosition first;
  SourcePosition of_stores;
  bool are_several = false;
  for (const PositionTable::Entry& entry : code.positions().entries()) {
    if (entry.code_offset <= origin.jump) continue;
    const SourcePosition found = caller_of(entry.position);
    if (!found.is_known()) continue;
    if (!first.is_known()) first = found;
    if (found.raw != first.raw) are_several = true;
    if (entry.code_offset <= stores.begin || entry.code_offset >= stores.end) continue;
    if (of_stores.is_known() && of_stores.raw != found.raw) return false;
    of_stores = found;
  }
  if (of_stores.is_known()) first = of_stores;
  // The first code may be what is left of an instance that is not allocated.
  if (!of_stores.is_known() && !has_own && are_several) return false;
  if (!first.is_known()) return has_own && length <= kSmall;
  *caller = first;
  return !has_own || own->position.raw == first.raw;
}

}  // namespace tracemalloc

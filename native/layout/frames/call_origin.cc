// SPDX-License-Identifier: MIT
#include "layout/frames/call_origin.h"

#include "layout/frames/code_lookup.h"
#include "layout/heap_view.h"
#include "layout/machine/deferred_code.h"

namespace tracemalloc {

CallOrigin CallOrigins::Find(const HeapView& heap, const CodeObject& code, int32_t offset,
                             int32_t own_entry, bool may_allocate) {
  instructions_.resize(code.size);
  if (!heap.Copy(code.start, instructions_.data(), code.size)) return {};
  const uint8_t* instructions = instructions_.data();
  const size_t size = instructions_.size();
  // Before V8 12, TurboFan's inline allocations have no position.
  const bool lacks_position =
      may_allocate && heap.layout().v8_major < 12 && code.tier == Tier::kTurbofan;
  if (lacks_position) {
    const JumpOverCall over = FindJumpOver(instructions, size, offset);
    if (over.source >= 0) {
      const int32_t store = over.join < 0 ? -1 : FindFieldStore(instructions, size, over.join);
      return {store < 0 ? over.source : store, store < 0, over.source};
    }
  }
  const ForwardJump jump = FindJumpBefore(instructions, size, offset);
  // A position that begins at an inline allocation's slow path is left over from earlier code of
  // which nothing was emitted.
  const bool is_slow_path = lacks_position && jump.target == own_entry &&
                            ChecksRoom(instructions, jump.source) &&
                            !JumpsBack(instructions, size, jump.target, offset, 0, jump.target);
  if (jump.target <= own_entry && !is_slow_path) {
    // Another slow path may lie between the call and the code that has that position.
    return {-1, lacks_position && JumpsBack(instructions, size, own_entry, offset, 0, own_entry),
            jump.source};
  }
  if (!lacks_position) return {jump.source, false, jump.source};
  // The code before the jump may belong to the previous statement. The first operation on a new
  // object is the store of a field, which has a position. (Not always the store of the map: the
  // first map of a class is left out if its constructor changes it.) The store is to this object if
  // the slow path jumps back to between the jump and the store.
  constexpr int32_t kFarthest = 256;  // the slow path restores registers
  const int32_t store = FindFieldStore(instructions, size, jump.source);
  if (store < 0) return {jump.source, true, jump.source};
  return {store, !JumpsBack(instructions, size, offset, offset + kFarthest, jump.source + 1, store),
          jump.source};
}

CodeRange CallOrigins::StoresAfter(int32_t jump) const {
  const uint8_t* instructions = instructions_.data();
  const int32_t store = FindFieldStore(instructions, instructions_.size(), jump);
  if (store < 0) return {};
  return {store, FindRoomCheck(instructions, instructions_.size(), store)};
}

}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
#include "retainers/path_confirmation.h"

#include "retainers/monotonic_clock.h"
#include "retainers/native_hold.h"

namespace tracemalloc {

bool ConfirmPath(HeapObjects* objects, const HeldPath& path, uintptr_t target, int64_t deadline) {
  constexpr size_t kOften = 64;
  if (path.hops.empty() || MonotonicNow() > deadline) return false;
  if (path.is_anchored) {
    const uintptr_t anchor = path.hops.front().holder;
    if (!objects->IsAnchor(anchor, path.closure) || objects->IsFreed(anchor) ||
        (path.closure != 0 && objects->IsFreed(path.closure))) {
      return false;
    }
  } else if (const uintptr_t first = path.hops.front().holder;
             objects->IsFreed(first) || !CanNativeCodeHold(objects, first)) {
    return false;
  }
  for (size_t i = 0; i < path.hops.size(); i++) {
    if (i % kOften == 0 && MonotonicNow() > deadline) return false;
    const Hop& hop = path.hops[i];
    const uintptr_t child = i + 1 < path.hops.size() ? path.hops[i + 1].holder : target;
    const uintptr_t holder = hop.table == 0 ? hop.holder : hop.table;
    const HeapObjects::Shape shape = objects->ShapeOf(holder);
    if (shape.type < 0 || hop.offset >= objects->SizeOf(holder, shape)) return false;
    if (objects->Word(holder, static_cast<int>(hop.offset)) != child) return false;
    if (hop.table != 0 &&
        objects->Word(hop.table, static_cast<int>(hop.offset) - 8) != hop.holder) {
      return false;
    }
  }
  return true;
}

}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
#include "v8/walker/frame_cache.h"

#include <utility>

#include "core/vector_room.h"

namespace tracemalloc {

void FrameCache::Insert(const Place& place, const FrameId* ids, uint32_t count) {
  if (used_ * 2 >= slots_.size()) Grow();
  const uint32_t first = count == 1 ? *ids : static_cast<uint32_t>(ids_.size());
  if (count > 1) ids_.insert(ids_.end(), ids, ids + count);
  Put({place, {first, count}});
  ++used_;
}

void FrameCache::Clear() {
  slots_.assign(kInitialSlots, Slot());
  ids_.clear();
  GiveBackRoom(&slots_);
  GiveBackRoom(&ids_);
  used_ = 0;
  mask_ = kInitialSlots - 1;
}

void FrameCache::Put(const Slot& slot) {
  size_t i = Hash(slot.place) & mask_;
  while (slots_[i].place.code != 0) i = (i + 1) & mask_;
  slots_[i] = slot;
}

void FrameCache::Grow() {
  if (slots_.size() >= kMaxSlots) {
    Clear();
    return;
  }
  std::vector<Slot> old(slots_.size() * 2);
  std::swap(old, slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.place.code != 0) Put(slot);
  }
}

}  // namespace tracemalloc

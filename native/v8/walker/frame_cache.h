// SPDX-License-Identifier: MIT
// Remembers the frames that a place in code stands for, so that a walk over known code only
// compares numbers. Open addressing, with keys of two words; at a size limit it forgets everything.
#ifndef TRACEMALLOC_V8_WALKER_FRAME_CACHE_H_
#define TRACEMALLOC_V8_WALKER_FRAME_CACHE_H_

#include <cstdint>
#include <vector>

#include "core/frame.h"

namespace tracemalloc {

class FrameCache {
 public:
  struct Place {
    uintptr_t code;  // bytecode array or return address; never 0
    uintptr_t detail;
  };
  struct Frames {
    uint32_t first;  // the frame itself, if there is one only; else an index of ids_
    uint32_t count;
  };

  FrameCache() { Clear(); }

  const Frames* Find(const Place& place) const {
    for (size_t i = Hash(place) & mask_;; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.place.code == place.code && slot.place.detail == place.detail) return &slot.frames;
      if (slot.place.code == 0) return nullptr;
    }
  }
  // Valid until the next Insert.
  const FrameId* ids(const Frames& frames) const {
    return frames.count == 1 ? &frames.first : ids_.data() + frames.first;
  }

  void Insert(const Place& place, const FrameId* ids, uint32_t count);
  void Clear();
  size_t MemoryUsage() const {
    return slots_.capacity() * sizeof(Slot) + ids_.capacity() * sizeof(FrameId);
  }

 private:
  struct Slot {
    Place place{0, 0};
    Frames frames{0, 0};
  };
  static constexpr size_t kInitialSlots = 1 << 10;
  static constexpr size_t kMaxSlots = 1 << 17;

  static size_t Hash(const Place& place) {
    uint64_t h = (place.code ^ (place.detail << 32 | place.detail >> 32)) * 0x9e3779b97f4a7c15u;
    return static_cast<size_t>(h >> 29);
  }
  void Put(const Slot& slot);
  void Grow();

  std::vector<Slot> slots_;
  std::vector<FrameId> ids_;
  size_t used_ = 0;
  size_t mask_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_WALKER_FRAME_CACHE_H_

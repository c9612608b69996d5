// SPDX-License-Identifier: MIT
// A hash index from the contents of a table's entries to their ids: open addressing over hashes,
// which are stored so that growing need not compute them again.
#ifndef TRACEMALLOC_CORE_ID_INDEX_H_
#define TRACEMALLOC_CORE_ID_INDEX_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/renumbering.h"
#include "core/vector_room.h"

namespace tracemalloc {

class IdIndex {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // The id with this hash for which `is_same(id)`, or kNone.
  template <typename IsSame>
  uint32_t Find(uint32_t hash, IsSame is_same) const {
    if (slots_.empty()) return kNone;
    const size_t mask = slots_.size() - 1;
    for (size_t slot = hash & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
      const uint32_t id = slots_[slot] - 1;
      if (hashes_[id] == hash && is_same(id)) return id;
    }
    return kNone;
  }

  // To be called before Add(). Throws std::bad_alloc, and is then unchanged.
  void MakeRoomForOne() {
    MakeRoom(&hashes_, 1);
    if ((hashes_.size() + 1) * 2 <= slots_.size()) return;
    std::vector<uint32_t> larger(std::max(kFewestSlots, slots_.size() * 2));
    slots_.swap(larger);
    Fill();
  }

  // Gives the entry the next id.
  void Add(uint32_t hash) {
    hashes_.push_back(hash);
    Put(static_cast<uint32_t>(hashes_.size()) - 1);
  }

  // `hash_of` takes new ids.
  template <typename HashOf>
  void Renumber(const NewIds& ids, HashOf hash_of) noexcept {
    MoveToNewIds(&hashes_, ids);
    for (uint32_t id = 0; id < hashes_.size(); id++) hashes_[id] = hash_of(id);
    Refill();
  }

  // Keeps the first `count`.
  void Truncate(uint32_t count) noexcept {
    hashes_.resize(count);
    GiveBackRoom(&hashes_);
    Refill();
  }

  size_t MemoryUsage() const { return (slots_.capacity() + hashes_.capacity()) * sizeof(uint32_t); }

 private:
  static constexpr size_t kFewestSlots = 1024;

  void Put(uint32_t id) {
    const size_t mask = slots_.size() - 1;
    size_t slot = hashes_[id] & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = id + 1;
  }
  void Fill() {
    for (uint32_t id = 0; id < hashes_.size(); id++) Put(id);
  }
  void Refill() noexcept {
    size_t needed = kFewestSlots;
    while (needed < (hashes_.size() + 1) * 2) needed *= 2;
    // As empty as after growing, so that the table does not alternately grow and shrink.
    if (slots_.size() > 2 * needed) {
      slots_.resize(2 * needed);
      GiveBackRoom(&slots_);
    }
    std::fill(slots_.begin(), slots_.end(), 0);
    Fill();
  }

  std::vector<uint32_t> slots_;   // id + 1; 0: free
  std::vector<uint32_t> hashes_;  // by id
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_ID_INDEX_H_

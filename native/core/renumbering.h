// SPDX-License-Identifier: MIT
// New ids of table entries. Ids are dense, so removing an entry moves those after it down; their
// order stays, so that the entries that are new since a certain time are still the last ones.
#ifndef TRACEMALLOC_CORE_RENUMBERING_H_
#define TRACEMALLOC_CORE_RENUMBERING_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/vector_room.h"

namespace tracemalloc {

// The new id of each old one, or kGone.
using NewIds = std::vector<uint32_t>;
constexpr uint32_t kGone = UINT32_MAX;

struct Renumbering {
  NewIds sites;
  NewIds frames;
  NewIds strings;
};

// The new ids, from which entries are kept. Throws std::bad_alloc.
inline NewIds NumberKept(const std::vector<bool>& kept) {
  NewIds ids(kept.size(), kGone);
  uint32_t next = 0;
  for (size_t id = 0; id < kept.size(); id++) {
    if (kept[id]) ids[id] = next++;
  }
  return ids;
}

// Moves each element, whose index is its id, to its new id. `ids` may be longer.
template <typename T>
void MoveToNewIds(std::vector<T>* vector, const NewIds& ids) noexcept {
  size_t kept = 0;
  for (size_t id = 0; id < vector->size(); id++) {
    if (ids[id] == kGone) continue;
    if (kept != id) (*vector)[kept] = std::move((*vector)[id]);
    kept++;
  }
  vector->erase(vector->begin() + static_cast<ptrdiff_t>(kept), vector->end());
  GiveBackRoom(vector);
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_RENUMBERING_H_

// SPDX-License-Identifier: MIT
// Looks a key up in a JavaScript Map, by reading memory only.
//
// Source: V8's src/objects/ordered-hash-table.h at 12.4 to 14.6. A Map refers to its table. The
// table is an array: the number of entries, of deleted ones, of buckets; the buckets; then for each
// entry its key, its value and the next of its bucket.
#ifndef TRACEMALLOC_LAYOUT_ORDERED_MAP_H_
#define TRACEMALLOC_LAYOUT_ORDERED_MAP_H_

#include <cstdint>
#include <optional>

#include "layout/heap_view.h"

namespace tracemalloc {

class OrderedMapReader {
 public:
  explicit OrderedMapReader(Memory memory) : view_(nullptr, memory) {}

  // Learns the types of a Map and of its table from one that has `key`: false if it does not look
  // as expected. All addresses are tagged.
  bool Learn(uintptr_t map, uintptr_t key);

  // The value of `key`; none: `map` is no Map, or has no such key. Cost: linear in the Map's
  // entries, of which at most 64, the last ones, are read.
  std::optional<uintptr_t> Find(uintptr_t map, uintptr_t key) const;

 private:
  std::optional<uintptr_t> FindInTable(uintptr_t table, uintptr_t key) const;

  HeapView view_;
  uint16_t map_type_ = 0;
  uint16_t table_type_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_ORDERED_MAP_H_

// SPDX-License-Identifier: MIT
// The objects that are searched for in one pass, as a hash table behind a filter: nearly no word of
// the heap refers to one of them.
#ifndef TRACEMALLOC_RETAINERS_WANTED_OBJECTS_H_
#define TRACEMALLOC_RETAINERS_WANTED_OBJECTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "retainers/holder_graph.h"

namespace tracemalloc {

class WantedObjects {
 public:
  void Fill(const HolderGraph& graph, const std::vector<HolderGraph::NodeId>& nodes);
  // Whether `word` refers to one of them, and to which.
  bool Find(uintptr_t word, HolderGraph::NodeId* node) const {
    if ((filter_[(word >> 9) & (kFilterWords - 1)] >> ((word >> 3) & 63) & 1) == 0) return false;
    return Look(word, node);
  }

 private:
  static constexpr size_t kFilterWords = 8192;
  struct Slot {
    uintptr_t word;  // 0: free
    HolderGraph::NodeId node;
  };
  bool Look(uintptr_t word, HolderGraph::NodeId* node) const;

  std::vector<uint64_t> filter_;
  std::vector<Slot> slots_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_RETAINERS_WANTED_OBJECTS_H_

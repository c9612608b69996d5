// SPDX-License-Identifier: MIT
#include "retainers/wanted_objects.h"

namespace tracemalloc {

void WantedObjects::Fill(const HolderGraph& graph, const std::vector<HolderGraph::NodeId>& nodes) {
  size_t size = 64;
  while (size < nodes.size() * 2) size *= 2;
  filter_.assign(kFilterWords, 0);
  slots_.assign(size, {0, 0});
  for (const HolderGraph::NodeId node : nodes) {
    const uintptr_t word = graph.ObjectOf(node);
    filter_[(word >> 9) & (kFilterWords - 1)] |= uint64_t{1} << ((word >> 3) & 63);
    size_t at = (word * 0x9E3779B97F4A7C15ull >> 20) & (size - 1);
    while (slots_[at].word != 0) at = (at + 1) & (size - 1);
    slots_[at] = {word, node};
  }
}

bool WantedObjects::Look(uintptr_t word, HolderGraph::NodeId* node) const {
  const size_t mask = slots_.size() - 1;
  for (size_t at = (word * 0x9E3779B97F4A7C15ull >> 20) & mask; slots_[at].word != 0;
       at = (at + 1) & mask) {
    if (slots_[at].word != word) continue;
    *node = slots_[at].node;
    return true;
  }
  return false;
}

}  // namespace tracemalloc

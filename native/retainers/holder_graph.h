// SPDX-License-Identifier: MIT
// Which object refers to which, as far as a search has gone: from the targets upwards. What is
// connected with an anchor, an object that usually lives as long as the program, is marked at once,
// so that the search does not look for its other holders.
#ifndef TRACEMALLOC_RETAINERS_HOLDER_GRAPH_H_
#define TRACEMALLOC_RETAINERS_HOLDER_GRAPH_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace tracemalloc {

// One reference on a path. The path's last one is that to the target.
struct Hop {
  uintptr_t holder;  // tagged
  uintptr_t table;   // 0, or the WeakMap's table in which the holder is the key
  uint32_t offset;   // of the reference, in the holder or in the table
};

// From an anchor to a target.
struct HeldPath {
  bool is_anchored = false;  // false: nothing is known above the first holder
  std::vector<Hop> hops;     // empty: no path is known
  bool is_unsure = false;    // no path is known, but one may have been missed
  uintptr_t closure = 0;     // a function in the anchor's scope; 0: none is known
};

class HolderGraph {
 public:
  using NodeId = uint32_t;
  static constexpr NodeId kNone = UINT32_MAX;

  // Once it is cancelled, all functions end early, and their results must not be used.
  explicit HolderGraph(const std::atomic<bool>* is_cancelled) : is_cancelled_(is_cancelled) {}

  // The node of this object; it is made if there is none, and then *is_new is true.
  NodeId Add(uintptr_t object, bool* is_new);
  void AddReference(NodeId child, NodeId holder, uint32_t offset, NodeId table);
  // Marks the node, and all that it holds, directly or indirectly, as held.
  void MarkAnchor(NodeId node);
  // To be called if not all holders of the node were added.
  void MarkPartial(NodeId node) { nodes_[node].is_partial = true; }

  bool IsHeld(NodeId node) const { return nodes_[node].is_held; }
  uintptr_t ObjectOf(NodeId node) const { return nodes_[node].object; }
  size_t size() const { return nodes_.size(); }
  size_t MemoryUsage() const;

  // Shortest paths from the anchors to these nodes, in their order, of at most so many hops
  // together: one that does not fit is unsure.
  std::vector<HeldPath> PathsTo(const std::vector<NodeId>& targets, size_t most_hops);
  // The shortest path from the nearest object that `is_end` accepts; it is not anchored. Takes what
  // it looks at from `most`, and is unsure when that is used up.
  template <typename IsEnd>
  HeldPath PathFrom(NodeId target, size_t* most, IsEnd is_end) const;
  // Visits the holders of a node, with the reference's offset, until `visit` returns true.
  template <typename Visit>
  bool AnyHolder(NodeId node, Visit visit) const {
    for (uint32_t at = nodes_[node].first_holder; at != kNone; at = edges_[at].next_holder) {
      if (visit(nodes_[edges_[at].holder].object, edges_[at].offset)) return true;
    }
    return false;
  }

 private:
  struct Node {
    uintptr_t object;
    uint32_t first_holder;  // edges to what holds it
    uint32_t first_held;    // edges to what it holds
    uint32_t first_valued;  // edges of which it is the table
    uint32_t from;          // the edge of the shortest path to it
    bool is_anchor;
    bool is_held;
    bool is_reached;
    bool is_partial;
  };
  struct Edge {
    NodeId child;
    NodeId holder;
    NodeId table;
    uint32_t offset;
    uint32_t next_holder;
    uint32_t next_held;
    uint32_t next_valued;
  };

  void Hold(NodeId node);
  template <typename Visit>
  void ForEachHeld(NodeId node, Visit visit) const;
  Hop HopOf(const Edge& edge) const;
  bool IsCancelled() const { return is_cancelled_->load(std::memory_order_relaxed); }

  const std::atomic<bool>* is_cancelled_;
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  std::vector<NodeId> anchors_;
  std::unordered_map<uintptr_t, NodeId> ids_;
};

template <typename IsEnd>
HeldPath HolderGraph::PathFrom(NodeId target, size_t* most, IsEnd is_end) const {
  HeldPath path;
  std::unordered_map<NodeId, uint32_t> below{{target, kNone}};
  std::vector<NodeId> queue{target};
  for (size_t i = 0; i < queue.size(); i++) {
    if (nodes_[queue[i]].is_partial) path.is_unsure = true;
    for (uint32_t at = nodes_[queue[i]].first_holder; at != kNone; at = edges_[at].next_holder) {
      if (*most == 0) {
        path.is_unsure = true;
        return path;
      }
      --*most;
      const NodeId holder = edges_[at].holder;
      if (!below.emplace(holder, at).second) continue;
      if (!is_end(nodes_[holder].object)) {
        queue.push_back(holder);
        continue;
      }
      for (uint32_t edge = at; edge != kNone; edge = below[edges_[edge].child]) {
        path.hops.push_back(HopOf(edges_[edge]));
      }
      path.is_unsure = false;
      return path;
    }
  }
  return path;
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_RETAINERS_HOLDER_GRAPH_H_

// SPDX-License-Identifier: MIT
#include "retainers/holder_graph.h"

#include <algorithm>

namespace tracemalloc {
namespace {

constexpr size_t kIdSize = 48;  // of the standard library's map, for each node

}  // namespace

HolderGraph::NodeId HolderGraph::Add(uintptr_t object, bool* is_new) {
  const auto id = static_cast<NodeId>(nodes_.size());
  const auto [entry, inserted] = ids_.emplace(object, id);
  *is_new = inserted;
  if (!inserted) return entry->second;
  nodes_.push_back({object, kNone, kNone, kNone, kNone, false, false, false, false});
  return id;
}

void HolderGraph::AddReference(NodeId child, NodeId holder, uint32_t offset, NodeId table) {
  const auto id = static_cast<uint32_t>(edges_.size());
  edges_.push_back({child, holder, table, offset, nodes_[child].first_holder,
                    nodes_[holder].first_held,
                    table == kNone ? kNone : nodes_[table].first_valued});
  nodes_[child].first_holder = id;
  nodes_[holder].first_held = id;
  if (table != kNone) nodes_[table].first_valued = id;
  if (nodes_[holder].is_held && (table == kNone || nodes_[table].is_held)) Hold(child);
}

void HolderGraph::Hold(NodeId node) {
  if (nodes_[node].is_held) return;
  nodes_[node].is_held = true;
  std::vector<NodeId> queue{node};
  while (!queue.empty() && !IsCancelled()) {
    const NodeId at = queue.back();
    queue.pop_back();
    ForEachHeld(at, [&](uint32_t edge) {
      Node& held = nodes_[edges_[edge].child];
      if (held.is_held) return;
      held.is_held = true;
      queue.push_back(edges_[edge].child);
    });
  }
}

// A value of a WeakMap is held once both the key and the table are.
template <typename Visit>
void HolderGraph::ForEachHeld(NodeId node, Visit visit) const {
  for (uint32_t at = nodes_[node].first_held; at != kNone; at = edges_[at].next_held) {
    const NodeId table = edges_[at].table;
    if (table == kNone || nodes_[table].is_held) visit(at);
  }
  for (uint32_t at = nodes_[node].first_valued; at != kNone; at = edges_[at].next_valued) {
    if (nodes_[edges_[at].holder].is_held) visit(at);
  }
}

void HolderGraph::MarkAnchor(NodeId node) {
  if (nodes_[node].is_anchor) return;
  nodes_[node].is_anchor = true;
  anchors_.push_back(node);
  Hold(node);
}

Hop HolderGraph::HopOf(const Edge& edge) const {
  return {nodes_[edge.holder].object, edge.table == kNone ? 0 : nodes_[edge.table].object,
          edge.offset};
}

std::vector<HeldPath> HolderGraph::PathsTo(const std::vector<NodeId>& targets, size_t most_hops) {
  std::vector<NodeId> queue = anchors_;
  for (Node& node : nodes_) node.is_reached = false;
  for (const NodeId anchor : anchors_) nodes_[anchor].is_reached = true;
  const auto reach = [&](uint32_t edge) {
    const Edge& e = edges_[edge];
    if (nodes_[e.child].is_reached || !nodes_[e.holder].is_reached) return;
    if (e.table != kNone && !nodes_[e.table].is_reached) return;
    nodes_[e.child].is_reached = true;
    nodes_[e.child].from = edge;
    queue.push_back(e.child);
  };
  for (size_t i = 0; i < queue.size() && !IsCancelled(); i++) {
    const Node node = nodes_[queue[i]];
    for (uint32_t at = node.first_held; at != kNone; at = edges_[at].next_held) reach(at);
    for (uint32_t at = node.first_valued; at != kNone; at = edges_[at].next_valued) reach(at);
  }
  std::vector<HeldPath> paths(targets.size());
  for (size_t i = 0; i < targets.size() && !IsCancelled(); i++) {
    HeldPath& path = paths[i];
    NodeId at = targets[i];
    if (!nodes_[at].is_reached || nodes_[at].is_anchor) continue;
    for (; !nodes_[at].is_anchor && path.hops.size() < most_hops;
         at = edges_[nodes_[at].from].holder) {
      path.hops.push_back(HopOf(edges_[nodes_[at].from]));
    }
    if (!nodes_[at].is_anchor) {
      path = {};
      path.is_unsure = true;
      continue;
    }
    most_hops -= path.hops.size();
    path.is_anchored = true;
    path.hops.shrink_to_fit();
    std::reverse(path.hops.begin(), path.hops.end());
  }
  return paths;
}

size_t HolderGraph::MemoryUsage() const {
  return nodes_.capacity() * sizeof(Node) + edges_.capacity() * sizeof(Edge) +
         ids_.size() * (sizeof(uintptr_t) + kIdSize);
}

}  // namespace tracemalloc

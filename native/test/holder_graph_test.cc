// SPDX-License-Identifier: MIT
#include "retainers/holder_graph.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <vector>

namespace tracemalloc {
namespace {

constexpr size_t kMany = 1000;

struct Graph {
  std::atomic<bool> is_cancelled{false};
  HolderGraph graph{&is_cancelled};

  HolderGraph::NodeId Node(uintptr_t object) {
    bool is_new;
    return graph.Add(object, &is_new);
  }
  void Hold(uintptr_t holder, uintptr_t child, uint32_t offset = 8, uintptr_t table = 0) {
    const auto with = table == 0 ? HolderGraph::kNone : Node(table);
    graph.AddReference(Node(child), Node(holder), offset, with);
  }
  std::vector<uintptr_t> HoldersOf(uintptr_t target, size_t most_hops = kMany) {
    const HeldPath path = graph.PathsTo({Node(target)}, most_hops)[0];
    std::vector<uintptr_t> holders;
    for (const Hop& hop : path.hops) holders.push_back(hop.holder);
    CHECK(path.is_anchored == !holders.empty());
    return holders;
  }
};

using Holders = std::vector<uintptr_t>;

}  // namespace

TEST_CASE("a path is the shortest one from an anchor") {
  Graph graph;
  graph.Hold(2, 1);
  graph.Hold(3, 2);
  graph.Hold(5, 1);
  graph.Hold(4, 5);
  graph.Hold(6, 4);
  graph.graph.MarkAnchor(graph.Node(3));
  graph.graph.MarkAnchor(graph.Node(6));
  CHECK(graph.HoldersOf(1) == Holders{3, 2});
  CHECK(graph.HoldersOf(5) == Holders{6, 4});
}

TEST_CASE("what no anchor holds has no path, also in a circle") {
  Graph graph;
  graph.Hold(2, 1);
  graph.Hold(1, 2);
  graph.graph.MarkAnchor(graph.Node(7));
  CHECK(graph.HoldersOf(1).empty());
  CHECK(!graph.graph.IsHeld(graph.Node(1)));
}

TEST_CASE("what an anchor holds is held, also what is met later") {
  Graph graph;
  graph.Hold(3, 2);
  graph.graph.MarkAnchor(graph.Node(3));
  CHECK(graph.graph.IsHeld(graph.Node(2)));
  graph.Hold(2, 1, 24);
  CHECK(graph.graph.IsHeld(graph.Node(1)));
  CHECK(graph.graph.PathsTo({graph.Node(1)}, kMany)[0].hops[1].offset == 24);
}

TEST_CASE("the value of a WeakMap's entry is held where its key and its table are") {
  Graph graph;
  graph.Hold(/*key*/ 2, /*value*/ 1, 40, /*table*/ 9);
  graph.Hold(3, 2);
  graph.graph.MarkAnchor(graph.Node(3));
  CHECK(graph.HoldersOf(1).empty());
  graph.Hold(3, 9);
  CHECK(graph.HoldersOf(1) == Holders{3, 2});
  CHECK(graph.graph.PathsTo({graph.Node(1)}, kMany)[0].hops[1].table == 9);
}

TEST_CASE("a path that does not fit is unsure, and leaves room for others") {
  Graph graph;
  for (uintptr_t object = 1; object < 50; object++) graph.Hold(object + 1, object);
  graph.graph.MarkAnchor(graph.Node(50));
  const auto paths = graph.graph.PathsTo({graph.Node(1), graph.Node(48)}, 10);
  CHECK(paths[0].hops.empty());
  CHECK(paths[0].is_unsure);
  CHECK(paths[1].hops.size() == 2);
  CHECK(graph.HoldersOf(1).size() == 49);
}

TEST_CASE("a path from native code begins at the nearest of its objects") {
  Graph graph;
  graph.Hold(2, 1);
  graph.Hold(3, 2);
  graph.Hold(4, 3);
  size_t most = kMany;
  const auto from = [&](uintptr_t end) {
    return graph.graph.PathFrom(graph.Node(1), &most, [=](uintptr_t one) { return one >= end; });
  };
  CHECK(from(3).hops.size() == 2);
  CHECK(!from(3).is_anchored);
  CHECK(from(9).hops.empty());
  most = 1;
  CHECK(from(4).is_unsure);
}

}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
// Finds what holds objects of V8's heap, from the objects upwards: each pass over the heap's words
// finds the references to the objects of the pass before, until every target is connected with an
// anchor (a module's scope, the global object, V8's own native context). The memory that it needs
// depends on the number of objects on the way, not on the size of the heap.
//
// It runs on a thread of its own while JavaScript goes on, copies memory by system calls that can't
// fault, calls no function of V8 and stops no thread. So what it finds is only a claim: objects may
// have moved or changed meanwhile, which `ConfirmPath` checks on the isolate's thread. Objects that
// are garbage, and not collected yet, may be met on the way, but no living anchor leads to them.
// That an anchor lives is certain for the caller's own native context and global object only.
// Targets may also be blocks outside the heap: buffers' memory, which ArrayBuffers refer to.
#ifndef TRACEMALLOC_RETAINERS_RETAINER_SEARCH_H_
#define TRACEMALLOC_RETAINERS_RETAINER_SEARCH_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "retainers/copied_page.h"
#include "retainers/heap_objects.h"
#include "retainers/holder_graph.h"
#include "retainers/list_links.h"
#include "retainers/wanted_objects.h"

namespace tracemalloc {

struct SearchLimits {
  int64_t deadline;  // of a monotonic clock, in nanoseconds
  size_t memory;     // bytes
};

enum class SearchEnd {
  kComplete,
  kTimeout,
  kMemory,
  kCancelled,
  kUnreadable,  // the kernel does not let a process read its own memory, or list it
};

class RetainerSearch {
 public:
  RetainerSearch(const HeapNumbers* numbers, const SearchLimits& limits,
                 const std::atomic<bool>* is_cancelled)
      : objects_(numbers, Memory::kForeign),
        limits_(limits),
        is_cancelled_(is_cancelled),
        graph_(is_cancelled) {}

  // `targets`: tagged addresses of objects, or addresses of blocks outside the heap. A path for
  // each, or none at all if it was cancelled; only after kComplete a target may be without a path
  // and not unsure. Throws what containers throw.
  SearchEnd Run(const std::vector<uintptr_t>& targets, std::vector<HeldPath>* paths);

 private:
  using NodeId = HolderGraph::NodeId;
  // Thrown where the search ends early.
  struct Stop {
    SearchEnd end;
  };

  void Climb();
  void TellPaths(SearchEnd end, std::vector<HeldPath>* paths);
  void GoAlongNeighbours();
  void Pass();
  void ScanPage(uintptr_t begin, uintptr_t end);
  void Meet(NodeId child, uintptr_t slot);
  void MeetInTable(NodeId child, uintptr_t table, uint32_t offset);
  void AddHolder(NodeId child, uintptr_t holder, uint32_t offset);
  void FollowLinks();
  void MarkAnchors();
  bool HoldsNothing(int type, uint32_t offset) const;
  NodeId Add(uintptr_t object);
  bool IsAnchor(NodeId node);
  // A function whose scope this is; 0: none has been found.
  uintptr_t ClosureIn(uintptr_t scope);
  bool IsAnyTargetFree() const;
  // Throws at a limit.
  void CheckLimits() const;
  // Does so now and then: for each step of a loop.
  void Poll() {
    constexpr uint32_t kOften = 256;
    if (++polls_ % kOften == 0) CheckLimits();
  }

  HeapObjects objects_;
  SearchLimits limits_;
  const std::atomic<bool>* is_cancelled_;
  HolderGraph graph_;
  std::vector<NodeId> targets_;
  std::vector<NodeId> frontier_;
  std::vector<NodeId> next_;
  std::vector<NodeId> scopes_;  // outermost ones, until a function shows their script
  std::unordered_map<uintptr_t, uintptr_t> closures_;  // a living function of each of these
  ListLinks links_;
  std::unordered_map<uintptr_t, int> instances_;  // holders met as instances of a map
  WantedObjects wanted_;
  CopiedPage page_{&objects_};
  uint64_t bytes_read_ = 0;
  uint32_t polls_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_RETAINERS_RETAINER_SEARCH_H_

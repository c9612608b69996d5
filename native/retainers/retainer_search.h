// SPDX-License-Identifier: MIT
// Finds what holds objects of V8's heap, from the objects upwards: each pass over the heap's words
// finds the references to the objects of the pass before, until every target hangs on an anchor (a
// module's scope, the global object, V8's own native context). Memory is as much as there are
// objects on the way, however large the heap is.
//
// It runs on a thread of its own while JavaScript goes on, copies memory by system calls that can't
// fault, calls nothing of V8's and stops no one. So what it finds is a claim: objects may have
// moved or changed meanwhile. `ConfirmPath` checks each word of a path on the isolate's thread.
// Objects that are garbage, and not collected yet, may be met on the way, but no living anchor
// leads to them. That an anchor lives is certain for the caller's own native context and global
// object only. Targets may also be blocks outside the heap: buffers' memory, which ArrayBuffers
// refer to.
#ifndef TRACEMALLOC_RETAINERS_RETAINER_SEARCH_H_
#define TRACEMALLOC_RETAINERS_RETAINER_SEARCH_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "retainers/heap_objects.h"
#include "retainers/heap_pages.h"
#include "retainers/holder_graph.h"

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

  uint64_t bytes_read() const { return bytes_read_; }

 private:
  using NodeId = HolderGraph::NodeId;
  // Thrown where the search ends early.
  struct Stop {
    SearchEnd end;
  };
  // A field that links objects of one map: all links of its kind are read in one pass, as a list
  // would take a pass for each of its links.
  struct LinkKind {
    uintptr_t map;
    uint32_t offset;
  };
  struct Link {
    uintptr_t from;
    uintptr_t to;
    uint32_t offset;
  };

  // The objects that are searched for in one pass, as a hash table.
  class Wanted {
   public:
    void Fill(const HolderGraph& graph, const std::vector<NodeId>& nodes);
    bool Find(uintptr_t word, NodeId* node) const {
      if ((filter_[(word >> 9) & (kFilterWords - 1)] >> ((word >> 3) & 63) & 1) == 0) return false;
      return Look(word, node);
    }

   private:
    static constexpr size_t kFilterWords = 8192;
    struct Slot {
      uintptr_t word;  // 0: free
      NodeId node;
    };
    bool Look(uintptr_t word, NodeId* node) const;

    std::vector<uint64_t> filter_;
    std::vector<Slot> slots_;
  };

  void Climb();
  void TellPaths(SearchEnd end, std::vector<HeldPath>* paths);
  void GoAlongNeighbours();
  void Pass();
  void ScanPage(uintptr_t begin, uintptr_t end);
  void Meet(NodeId child, uintptr_t slot);
  void MeetInTable(NodeId child, uintptr_t table, uint32_t offset);
  void AddHolder(NodeId child, uintptr_t holder, uint32_t offset);
  void NoteLink(uintptr_t holder, uintptr_t child, uint32_t offset);
  void ReadLinks(uintptr_t word, uintptr_t address);
  void FollowLinks();
  void MarkAnchors();
  // The object that a word belongs to, tagged; 0: none is found.
  uintptr_t OwnerOf(uintptr_t slot);
  void LookAtLargeObject(uintptr_t page_end);
  // An array or table of references, whose size is known.
  bool IsArray(const HeapObjects::Shape& shape) const;
  uintptr_t WordAt(uintptr_t address) const { return buffer_[(address - buffer_begin_) / 8]; }
  bool HoldsNothing(int type, uint32_t offset) const;
  NodeId Add(uintptr_t object);
  bool IsAnchor(NodeId node);
  // A function whose scope this is; 0: none has been met.
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
  std::vector<LinkKind> link_kinds_;
  std::vector<Link> links_;
  size_t kinds_in_pass_ = 0;
  std::unordered_map<uintptr_t, int> instances_;  // holders met as instances of a map
  Wanted wanted_;
  std::vector<uintptr_t> buffer_;
  uintptr_t buffer_begin_ = 0;
  uintptr_t buffer_end_ = 0;
  uintptr_t page_begin_ = 0;
  uintptr_t large_begin_ = 0;  // the last large object
  uintptr_t large_end_ = 0;
  uintptr_t owner_ = 0;  // the last result of OwnerOf, to `owner_end_`
  uintptr_t owner_end_ = 0;
  uint64_t bytes_read_ = 0;
  uint32_t polls_ = 0;
};

// A module, the scope of its top-level code, the global object, or V8's native context. `closure`:
// a function in this scope, without which that of a CommonJS module is none; 0: not known.
bool IsAnchor(HeapObjects* objects, uintptr_t object, uintptr_t closure);

// On the isolate's thread: whether each word of the path is as it was found. `target`: as given to
// the search. False, too, if `deadline` comes first, of a monotonic clock in nanoseconds.
bool ConfirmPath(HeapObjects* objects, const HeldPath& path, uintptr_t target, int64_t deadline);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_RETAINERS_RETAINER_SEARCH_H_

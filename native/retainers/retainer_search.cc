// SPDX-License-Identifier: MIT
#include "retainers/retainer_search.h"

#include <algorithm>

#include "retainers/heap_pages.h"
#include "retainers/monotonic_clock.h"
#include "retainers/native_hold.h"

namespace tracemalloc {
namespace {

constexpr uintptr_t kWord = 8;
constexpr int kMostPasses = 64;
// The most instances of one map that are followed: more show nothing new, and a class may have
// millions.
constexpr int kMostInstances = 8;
constexpr size_t kMostHops = 64 << 10;  // of all paths
// On the way from targets without a path to native code.
constexpr size_t kMostWalked = 100'000;

bool IsTagged(uintptr_t word) { return (word & 7) == 1; }

}  // namespace

SearchEnd RetainerSearch::Run(const std::vector<uintptr_t>& targets, std::vector<HeldPath>* paths) {
  for (const uintptr_t target : targets) {
    bool is_new;
    const NodeId node = graph_.Add(target, &is_new);
    targets_.push_back(node);
    if (is_new) frontier_.push_back(node);
  }
  SearchEnd end = SearchEnd::kComplete;
  try {
    Climb();
  } catch (const Stop& stop) {
    end = stop.end;
  }
  *paths = graph_.PathsTo(targets_, kMostHops);
  const bool is_too_long = std::any_of(paths->begin(), paths->end(),
                                       [](const HeldPath& path) { return path.is_unsure; });
  if (is_too_long && end == SearchEnd::kComplete) end = SearchEnd::kMemory;
  try {
    TellPaths(end, paths);
  } catch (const Stop& stop) {
    end = stop.end;
  }
  if (is_cancelled_->load(std::memory_order_relaxed)) end = SearchEnd::kCancelled;
  if (end == SearchEnd::kCancelled) paths->clear();
  return end;
}

void RetainerSearch::Climb() {
  for (int pass = 0; !frontier_.empty() && IsAnyTargetFree(); pass++) {
    if (pass == kMostPasses) throw Stop{SearchEnd::kTimeout};
    GoAlongNeighbours();
    Pass();
    MarkAnchors();
  }
}

// Uses only what is known, unless the search is complete.
void RetainerSearch::TellPaths(SearchEnd end, std::vector<HeldPath>* paths) {
  const bool is_complete = end == SearchEnd::kComplete;
  for (HeldPath& path : *paths) {
    if (path.hops.empty()) path.is_unsure = true;
    if (!path.is_anchored) continue;
    const auto known = closures_.find(path.hops.front().holder);
    if (known != closures_.end()) path.closure = known->second;
  }
  if (!is_complete) return;
  size_t most = kMostWalked;
  for (size_t i = 0; i < targets_.size(); i++) {
    HeldPath& path = (*paths)[i];
    if (path.is_anchored) {
      // Also if there is none, so that it is not looked for again.
      const uintptr_t anchor = path.hops.front().holder;
      path.closure = closures_.emplace(anchor, ClosureIn(anchor)).first->second;
    } else if (!graph_.IsHeld(targets_[i])) {
      path = graph_.PathFrom(targets_[i], &most, [this](uintptr_t object) {
        Poll();
        return objects_.numbers().IsApiObject(objects_.TypeOf(object)) &&
               CanNativeCodeHold(&objects_, object);
      });
    }
  }
}

bool RetainerSearch::IsAnyTargetFree() const {
  return std::any_of(targets_.begin(), targets_.end(),
                     [this](NodeId target) { return !graph_.IsHeld(target); });
}

void RetainerSearch::CheckLimits() const {
  if (is_cancelled_->load(std::memory_order_relaxed)) throw Stop{SearchEnd::kCancelled};
  if (MonotonicNow() > limits_.deadline) throw Stop{SearchEnd::kTimeout};
  const size_t memory = graph_.MemoryUsage() + links_.MemoryUsage() +
                        next_.capacity() * sizeof(NodeId) * 6 + kMostHops * sizeof(Hop);
  if (memory > limits_.memory) throw Stop{SearchEnd::kMemory};
}

RetainerSearch::NodeId RetainerSearch::Add(uintptr_t object) {
  bool is_new;
  const NodeId node = graph_.Add(object, &is_new);
  if (is_new) next_.push_back(node);
  return node;
}

void RetainerSearch::Pass() {
  wanted_.Fill(graph_, frontier_);
  next_.clear();
  links_.BeginPass();
  objects_.Forget();
  const uint64_t before = bytes_read_;
  for (const HeapRange& range : WritableHeap()) {
    page_.BeginRange();
    for (uintptr_t at = range.begin; at < range.end;) {
      const uintptr_t page_end = std::min(range.end, (at / kHeapPage + 1) * kHeapPage);
      ScanPage(at, page_end);
      at = page_end;
    }
  }
  if (bytes_read_ == before) throw Stop{SearchEnd::kUnreadable};
  FollowLinks();
  frontier_.swap(next_);
}

void RetainerSearch::ScanPage(uintptr_t begin, uintptr_t end) {
  CheckLimits();
  // A page that was unmapped meanwhile is skipped.
  if (!page_.Read(begin, end)) return;
  bytes_read_ += end - begin;
  for (uintptr_t at = begin; at < end; at += kWord) {
    const uintptr_t word = page_.Word(at);
    NodeId child;
    // Targets outside the heap are aligned like what is tagged as a small integer.
    if (wanted_.Find(word, &child)) Meet(child, at);
    if (links_.IsReading() && IsTagged(word)) links_.Read(page_, at);
  }
}

void RetainerSearch::Meet(NodeId child, uintptr_t slot) {
  Poll();
  const uintptr_t word = page_.Word(slot);
  const uintptr_t owner = page_.OwnerOf(slot, [this] { Poll(); });
  if (owner == 0) return;
  const auto offset = static_cast<uint32_t>(slot - (owner - 1));
  const int type = objects_.TypeOf(owner);
  if (!IsTagged(word)) {
    const bool is_buffer = type == objects_.numbers().array_buffer &&
                           offset == static_cast<uint32_t>(objects_.numbers().buffer_memory);
    if (is_buffer) AddHolder(child, owner, offset);
    return;
  }
  if (HoldsNothing(type, offset)) return;
  // An instance holds its map, and by it the prototype and the class.
  if (offset == 0 && ++instances_[word] > kMostInstances) return graph_.MarkPartial(child);
  if (type == objects_.numbers().ephemeron_table) {
    MeetInTable(child, owner, offset);
  } else {
    AddHolder(child, owner, offset);
  }
}

// A key is held by others, a value by its key.
void RetainerSearch::MeetInTable(NodeId child, uintptr_t table, uint32_t offset) {
  constexpr uint32_t kPair = 16;
  const auto some_key = static_cast<uint32_t>(objects_.numbers().ephemeron_key);
  if (offset % kPair == some_key % kPair) return;
  const uintptr_t key = objects_.Word(table, static_cast<int>(offset) - 8);
  if (!HeapView::IsHeapObject(key)) return;
  const NodeId key_node = Add(key);
  graph_.AddReference(child, key_node, offset, Add(table));
}

bool RetainerSearch::HoldsNothing(int type, uint32_t offset) const {
  const HeapNumbers& n = objects_.numbers();
  if (type < n.first_nonstring || type == n.weak_cell || type == n.weak_ref ||
      type == n.feedback_cell || type == n.feedback_vector || type == n.scope_info ||
      type == n.fixed_double_array || type == n.byte_array ||
      type == n.layout->type_shared_function_info || type == n.layout->type_script ||
      type == n.layout->type_code) {
    return true;
  }
  const int at = static_cast<int>(offset);
  return type == n.v8_map && at != n.map_prototype && at != n.map_constructor &&
         at != n.map_descriptors;
}

void RetainerSearch::AddHolder(NodeId child, uintptr_t holder, uint32_t offset) {
  const uintptr_t object = graph_.ObjectOf(child);
  if (holder == object) return;
  const NodeId node = Add(holder);
  graph_.AddReference(child, node, offset, HolderGraph::kNone);
  if (offset == 0 || !IsTagged(object)) return;
  const uintptr_t map = objects_.Word(holder, 0);
  if (map == objects_.Word(object, 0)) links_.NoteKind(map, offset);
}

// Goes along lists by the links that the pass has read.
void RetainerSearch::FollowLinks() {
  if (links_.IsEmpty()) return;
  links_.Sort([this] { Poll(); });
  std::vector<NodeId> queue = frontier_;
  queue.insert(queue.end(), next_.begin(), next_.end());
  for (size_t i = 0; i < queue.size(); i++) {
    links_.ForEachLinkTo(graph_.ObjectOf(queue[i]), [&](const ListLinks::Link& link) {
      Poll();
      const size_t before = next_.size();
      AddHolder(queue[i], link.from, link.offset);
      if (next_.size() > before) queue.push_back(next_.back());
    });
  }
}

// Neighbours of a list in both directions hold each other: no pass is needed to go along it.
void RetainerSearch::GoAlongNeighbours() {
  const HeapNumbers& n = objects_.numbers();
  constexpr int kFirstField = 3;
  constexpr size_t kMostNeighbours = 1 << 20;
  next_.clear();
  for (size_t i = 0; i < frontier_.size() && i < kMostNeighbours; i++) {
    Poll();
    const uintptr_t object = graph_.ObjectOf(frontier_[i]);
    if (!IsTagged(object)) continue;
    const HeapObjects::Shape shape = objects_.ShapeOf(object);
    if (shape.type < n.api_object_first - 1) continue;
    uintptr_t fields[256];
    uintptr_t others[256];
    if (!objects_.heap().Copy(object - 1, fields, shape.size_in_words * kWord)) continue;
    for (int k = kFirstField; k < shape.size_in_words; k++) {
      const uintptr_t other = fields[k];
      if (!HeapView::IsHeapObject(other) || other == object) continue;
      Poll();
      if (objects_.Word(other, 0) != fields[0] ||
          !objects_.heap().Copy(other - 1, others, shape.size_in_words * kWord)) {
        continue;
      }
      for (int q = kFirstField; q < shape.size_in_words; q++) {
        if (others[q] != object) continue;
        AddHolder(frontier_[i], other, static_cast<uint32_t>(q * 8));
      }
    }
    frontier_.insert(frontier_.end(), next_.begin(), next_.end());
    next_.clear();
  }
}

void RetainerSearch::MarkAnchors() {
  for (const NodeId node : frontier_) {
    Poll();
    const uintptr_t object = graph_.ObjectOf(node);
    if (!IsTagged(object)) continue;
    if (objects_.IsAnchor(object, 0)) {
      graph_.MarkAnchor(node);
    } else if (objects_.IsOutermostScope(object)) {
      scopes_.push_back(node);
    }
  }
  for (const NodeId scope : scopes_) {
    Poll();
    if (!graph_.IsHeld(scope) && IsAnchor(scope)) graph_.MarkAnchor(scope);
  }
  scopes_.erase(std::remove_if(scopes_.begin(), scopes_.end(),
                               [this](NodeId scope) { return graph_.IsHeld(scope); }),
                scopes_.end());
  frontier_.erase(std::remove_if(frontier_.begin(), frontier_.end(),
                                 [this](NodeId node) { return graph_.IsHeld(node); }),
                  frontier_.end());
}

bool RetainerSearch::IsAnchor(NodeId node) {
  const uintptr_t scope = graph_.ObjectOf(node);
  return objects_.IsAnchor(scope, ClosureIn(scope));
}

uintptr_t RetainerSearch::ClosureIn(uintptr_t scope) {
  constexpr int kMostLookedAt = 64;
  const auto known = closures_.find(scope);
  if (known != closures_.end()) return known->second;
  const auto offset = static_cast<uint32_t>(objects_.numbers().function_context_offset);
  bool is_new;
  const NodeId node = graph_.Add(scope, &is_new);
  uintptr_t closure = 0;
  int looked_at = 0;
  graph_.AnyHolder(node, [&](uintptr_t holder, uint32_t at) {
    if (at != offset) return false;
    Poll();
    if (!objects_.IsFunction(holder) || objects_.ScriptOf(holder) == 0) return false;
    // The remains of dead functions prove nothing.
    if (objects_.IsFreed(holder)) return ++looked_at == kMostLookedAt;
    closure = holder;
    return true;
  });
  if (closure != 0) closures_[scope] = closure;
  // The scope may be an anchor after all.
  if (looked_at == kMostLookedAt) graph_.MarkPartial(node);
  return closure;
}

}  // namespace tracemalloc

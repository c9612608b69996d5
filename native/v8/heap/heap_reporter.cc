// SPDX-License-Identifier: MIT
#include "v8/heap/heap_reporter.h"

#include <algorithm>
#include <cstring>
#include <ctime>

#include "process/heap_sizes.h"

namespace tracemalloc {
namespace {

// By the wall clock, time in which another thread had the core would count a thousandfold.
std::chrono::nanoseconds ThreadCpuTime() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

HeapReporter::HeapReporter(v8::Isolate* isolate, uint32_t thread_id)
    : isolate_(isolate), thread_id_(thread_id) {
  Refresh();
  isolate_->AddGCEpilogueCallback(OnEpilogue, this);
}

HeapReporter::~HeapReporter() {
  isolate_->RemoveGCEpilogueCallback(OnEpilogue, this);
  RemoveHeapSize(thread_id_);
}

void HeapReporter::OnEpilogue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* data) {
  auto* reporter = static_cast<HeapReporter*>(data);
  const bool is_full = type == v8::kGCTypeMarkSweepCompact;
  if (is_full) {
    // Pages that are not swept yet count with what was marked in them.
    v8::HeapStatistics heap;
    reporter->isolate_->GetHeapStatistics(&heap);
    reporter->heap_after_collection_ = heap.used_heap_size();
    reporter->full_collections_++;
  }
  if (is_full || std::chrono::steady_clock::now() >= reporter->next_refresh_) reporter->Refresh();
}

void HeapReporter::Refresh() {
  const auto begun = ThreadCpuTime();
  uint64_t bytes = 0;
  v8::HeapSpaceStatistics space;
  for (size_t i = 0; i < isolate_->NumberOfHeapSpaces(); ++i) {
    if (!isolate_->GetHeapSpaceStatistics(&space, i)) continue;
    // Code is counted as a separate kind of memory.
    if (std::strncmp(space.space_name(), "code_", 5) == 0) continue;
    bytes += space.physical_space_size();
  }
  SetHeapSize({thread_id_, bytes});
  const bool has_grown = bytes > bytes_ + bytes_ / 8;
  pause_ = has_grown ? kShortestPause : std::min(2 * pause_, kLongestPause);
  bytes_ = bytes;
  next_refresh_ = std::chrono::steady_clock::now() + pause_ * (ThreadCpuTime() - begun);
}

}  // namespace tracemalloc

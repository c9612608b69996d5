// SPDX-License-Identifier: MIT
#include "v8/heap_reporter.h"

#include <cstring>

#include "process/heap_sizes.h"

namespace tracemalloc {

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
  if (type == v8::kGCTypeMarkSweepCompact) reporter->full_collections_++;
  if (std::chrono::steady_clock::now() >= reporter->next_refresh_) reporter->Refresh();
}

void HeapReporter::Refresh() {
  const auto begun = std::chrono::steady_clock::now();
  uint64_t bytes = 0;
  v8::HeapSpaceStatistics space;
  for (size_t i = 0; i < isolate_->NumberOfHeapSpaces(); ++i) {
    if (!isolate_->GetHeapSpaceStatistics(&space, i)) continue;
    // Code is a kind of memory of its own.
    if (std::strncmp(space.space_name(), "code_", 5) == 0) continue;
    bytes += space.physical_space_size();
  }
  SetHeapSize({thread_id_, bytes});
  const auto ended = std::chrono::steady_clock::now();
  next_refresh_ = ended + 1000 * (ended - begun);
}

}  // namespace tracemalloc

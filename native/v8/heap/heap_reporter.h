// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_V8_HEAP_HEAP_REPORTER_H_
#define TRACEMALLOC_V8_HEAP_HEAP_REPORTER_H_

#include <v8.h>

#include <chrono>
#include <cstdint>

namespace tracemalloc {

// While it exists, keeps this thread's entry in the process's table of heap sizes. Measuring walks
// the heap's pages. It is done after each full garbage collection, which takes much longer, and
// after scavenges for at most a thousandth of the thread's time, or a hundredth while the heap
// grows. Also counts full collections, and keeps what the last one left.
class HeapReporter {
 public:
  HeapReporter(v8::Isolate* isolate, uint32_t thread_id);
  ~HeapReporter();
  HeapReporter(const HeapReporter&) = delete;
  HeapReporter& operator=(const HeapReporter&) = delete;

  uint32_t full_collections() const { return full_collections_; }
  // Bytes of objects that the last full collection left; 0: there was none.
  size_t heap_after_collection() const { return heap_after_collection_; }

 private:
  static void OnEpilogue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* reporter);
  void Refresh();

  static constexpr uint32_t kShortestPause = 100;
  static constexpr uint32_t kLongestPause = 1000;

  v8::Isolate* const isolate_;
  const uint32_t thread_id_;
  std::chrono::steady_clock::time_point next_refresh_;
  // The size is measured again after this many times what measuring took.
  uint32_t pause_ = kShortestPause;
  uint64_t bytes_ = 0;
  uint32_t full_collections_ = 0;
  size_t heap_after_collection_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_HEAP_HEAP_REPORTER_H_

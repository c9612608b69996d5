// SPDX-License-Identifier: MIT
// Reports what holds the memory when V8 is about to run out of heap: one report on stderr, and a
// profile if there is a directory for it. V8 calls us before it dies; in that call no JavaScript
// may run and nothing may be allocated on its heap.
//
// V8 calls only the callback that was registered last. So that others (Node's own, for workers and
// for --heapsnapshot-near-heap-limit) are called, too, the limit is raised once, see RaisedLimit,
// and our callback is removed: next time V8 calls theirs.
#ifndef TRACEMALLOC_V8_HEAP_HEAP_LIMIT_H_
#define TRACEMALLOC_V8_HEAP_HEAP_LIMIT_H_

#include <v8.h>

#include <string>
#include <vector>

#include "core/tables.h"
#include "report/last_report.h"
#include "report/profile_writer.h"
#include "report/site_ranking.h"
#include "v8/names/frame_resolver.h"

namespace tracemalloc {

struct HeapLimitOptions {
  uint32_t top;           // lines in the report
  bool as_text;           // or one line of JSON
  std::string directory;  // for the profile; empty: none
  // See LastReport and ProfileFacts: JSON members without braces.
  std::string report_facts;
  std::string profile_facts;
  std::string process_facts;
  std::string own;  // see IsOwn
  uint64_t thread_id;
};

class HeapLimitWatch {
 public:
  static constexpr size_t kRoom = 16 << 20;

  // Tables and resolver outlive the watch; without a resolver the names are those of the last
  // snapshot.
  HeapLimitWatch(v8::Isolate* isolate, const char* precision, const Tables* tables,
                 FrameResolver* resolver, HeapLimitOptions options);
  ~HeapLimitWatch();
  HeapLimitWatch(const HeapLimitWatch&) = delete;
  HeapLimitWatch& operator=(const HeapLimitWatch&) = delete;

 private:
  static size_t OnNearHeapLimit(void* watch, size_t current_limit, size_t initial_limit);
  void Unregister();
  void WriteReport(size_t limit);
  void WriteDump();
  void NamePath(int64_t time_millis);

  v8::Isolate* isolate_;
  const Tables* tables_;
  FrameResolver* resolver_;
  HeapLimitOptions options_;
  bool is_registered_ = true;
  // Prepared in advance, since nothing can be allocated later.
  const char* precision_;
  SiteRanking ranking_;
  LastReport report_;
  ProfileFacts facts_;
  std::string path_, temporary_path_;
  std::vector<char> buffer_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_HEAP_HEAP_LIMIT_H_

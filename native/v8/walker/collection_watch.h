// SPDX-License-Identifier: MIT
// Counts this isolate's collections while the watch exists: objects that were read before a
// collection may have moved or died since.
#ifndef TRACEMALLOC_V8_WALKER_COLLECTION_WATCH_H_
#define TRACEMALLOC_V8_WALKER_COLLECTION_WATCH_H_

#include <v8.h>

#include <cstdint>

namespace tracemalloc {

class CollectionWatch {
 public:
  explicit CollectionWatch(v8::Isolate* isolate) : isolate_(isolate) {
    isolate_->AddGCEpilogueCallback(OnEpilogue, this);
  }
  ~CollectionWatch() { isolate_->RemoveGCEpilogueCallback(OnEpilogue, this); }
  CollectionWatch(const CollectionWatch&) = delete;
  CollectionWatch& operator=(const CollectionWatch&) = delete;

  uint32_t count() const { return count_; }

 private:
  static void OnEpilogue(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* watch) {
    static_cast<CollectionWatch*>(watch)->count_++;
  }

  v8::Isolate* isolate_;
  uint32_t count_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_WALKER_COLLECTION_WATCH_H_

// SPDX-License-Identifier: MIT
// The domain `buffer`: backing stores of ArrayBuffers and with them Buffers, sampled where the
// isolate's allocator gives them out and counted dead where it takes them back, on whichever
// thread. Runs beside an engine or alone; writes to the same tables.
#ifndef TRACEMALLOC_V8_BUFFERS_BUFFER_DOMAIN_H_
#define TRACEMALLOC_V8_BUFFERS_BUFFER_DOMAIN_H_

#include <v8.h>

#include <vector>

#include "core/adaptive_interval.h"
#include "core/sampler.h"
#include "core/tables.h"
#include "v8/buffers/allocator_swap.h"
#include "v8/buffers/native_stack.h"
#include "v8/engine.h"
#include "v8/walker/stack_walker.h"

namespace tracemalloc {

class BufferDomain : public IdHolder, private BufferListener {
 public:
  BufferDomain() = default;
  ~BufferDomain() override { Stop(); }

  // Without a walker (function precision) all buffers share one frame. Everything given outlives
  // the domain. kUnsupportedPlatform: the allocator is not one that we know, and why.
  Status Start(v8::Isolate* isolate, const EngineOptions& options, StackWalker* walker,
               Tables* tables);
  void Stop();
  // Makes the counters true for a reader. After the engine has resolved the frames.
  void Refresh();
  void RefreshCounters();
  // The tables are about to be cleared: whatever dies from now on is not looked for in them.
  void ForgetBlocks();
  // The tables were cleared.
  void InternTypes();
  void Report(EngineReport* report) const;
  void MarkStrings(const std::vector<bool>& frames, std::vector<bool>* strings) override;
  void Renumber(const Renumbering& ids) noexcept override;
  bool has_lines() const { return walker_ != nullptr; }
  size_t MemoryUsage() const;

  // Where the memory of a buffer, or of a view into one, was allocated. False: not known, or no
  // buffer. *is_whole: nothing else shares that memory.
  bool FindSite(v8::Local<v8::Value> object, SiteId* site, bool* is_whole) const;

 private:
  void OnSampled(const void* block, size_t bytes) override;
  void Record(const void* block, size_t size);
  // When a collection begins and when it ends.
  static void OnCollection(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* domain);

  void CountDeaths();
  void NameTypes();
  StringId TypeOf(const Site& site) const;
  void LowerInterval();
  uint64_t Distance();

  v8::Isolate* isolate_ = nullptr;
  uint32_t traceback_limit_ = 0;
  StackWalker* walker_ = nullptr;
  Tables* tables_ = nullptr;
  AllocatorSwap swap_;
  NativeStack native_stack_;
  AdaptiveInterval interval_{1};
  Sampler sampler_{1, 0};
  StringId pool_type_ = 0;
  StringId buffer_type_ = 0;
  uint64_t samples_ = 0;
  uint64_t out_of_memory_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_BUFFERS_BUFFER_DOMAIN_H_

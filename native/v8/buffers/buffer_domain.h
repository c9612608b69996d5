// SPDX-License-Identifier: MIT
// The domain `buffer`: backing stores of ArrayBuffers, and so of Buffers, sampled when the
// isolate's allocator allocates them and counted dead when it frees them, on any thread. Runs with
// an engine or alone; writes to the same tables.
#ifndef TRACEMALLOC_V8_BUFFERS_BUFFER_DOMAIN_H_
#define TRACEMALLOC_V8_BUFFERS_BUFFER_DOMAIN_H_

#include <v8.h>

#include <vector>

#include "core/interval_controller.h"
#include "core/left_out.h"
#include "core/sampler.h"
#include "core/site_ages.h"
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

  // Without a walker (function precision) all buffers share one frame. All arguments must outlive
  // the domain. kUnsupportedPlatform: the allocator is not supported, with the reason.
  Status Start(v8::Isolate* isolate, const EngineOptions& options, StackWalker* walker,
               Tables* tables);
  void Stop();
  // Brings the counters up to date for a reader. To be called after the engine has resolved the
  // frames.
  void Refresh();
  void RefreshCounters();
  // To be called before the tables are cleared: later frees are not looked up in them.
  void ForgetBlocks();
  // To be called after the tables were cleared.
  void InternTypes();
  void Report(EngineReport* report) const;
  void MarkStrings(const std::vector<bool>& frames, std::vector<bool>* strings) override;
  void Renumber(const Renumbering& ids) noexcept override;
  // Addresses of the sampled memory of these sites; another thread may free it at any moment.
  void AppendBlocks(const std::vector<bool>& sites, std::vector<uintptr_t>* blocks) const;
  // As Engine::AppendLeftOut. Memory outside the heap is never a newborn.
  void AppendLeftOut(const Ages& ages, std::vector<LeftOut>* rows);
  // As Engine::SumAges; the number of collections is unknown. To be called after Refresh().
  void SumAges(const Ages& ages, std::vector<SiteAges>* sums);
  bool has_lines() const { return walker_ != nullptr; }
  size_t MemoryUsage() const;

  // The site that allocated the memory of a buffer, or of a view of one. False: not known, or not a
  // buffer. *is_whole: no other view shares that memory.
  bool FindSite(v8::Local<v8::Value> object, SiteId* site, bool* is_whole) const;

 private:
  void OnSampled(const void* block, size_t bytes) override;
  void Record(const void* block, size_t size);
  // Called when a garbage collection begins and when it ends.
  static void OnCollection(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* domain);

  void CountDeaths();
  void NameTypes();
  StringId TypeOf(const Site& site) const;
  void ThinOut();
  uint64_t Distance();
  void DrawDistance();

  v8::Isolate* isolate_ = nullptr;
  uint32_t traceback_limit_ = 0;
  const CurrentLabels* labels_ = nullptr;
  bool is_alone_ = false;  // the heap is not traced
  StackWalker* walker_ = nullptr;
  Tables* tables_ = nullptr;
  AllocatorSwap swap_;
  NativeStack native_stack_;
  IntervalController* interval_ = nullptr;
  Sampler sampler_{1, 0};
  StringId pool_type_ = 0;
  StringId buffer_type_ = 0;
  uint64_t samples_ = 0;
  uint64_t thinned_out_ = 0;
  uint64_t out_of_memory_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_BUFFERS_BUFFER_DOMAIN_H_

// SPDX-License-Identifier: MIT
// The engine for line precision. V8 reports each sampled block while it is being allocated: the
// stack is walked, the site counts the birth, and the block waits. When the next collection begins,
// the sample's object is picked and gets a weak handle; when that object is collected, the site
// counts the death. So live figures are right without forcing a collection.
//
//   OnBlock (inside an allocation)   ->  pending, counted live; no handle: the block's objects do
//                                        not exist yet
//   GC prologue                      ->  pending becomes a weak handle; checks that the hook is
//                                        still installed
//   first-pass weak callback         ->  counted dead
//
// Between our prologue and epilogue, handles are made at once: V8 calls no GC callbacks for a
// collection that starts inside another addon's GC callback.
#ifndef TRACEMALLOC_V8_HEAP_ALLOCATION_HOOK_H_
#define TRACEMALLOC_V8_HEAP_ALLOCATION_HOOK_H_

#include <vector>

#include "core/sample_points.h"
#include "layout/block_member.h"
#include "layout/object_layout.h"
#include "v8/engine.h"
#include "v8/heap/live_samples.h"
#include "v8/heap/losses.h"
#include "v8/heap/observer_swap.h"
#include "v8/heap/pending_blocks.h"
#include "v8/heap/sample_places.h"
#include "v8/names/frame_resolver.h"
#include "v8/walker/stack_walker.h"

namespace tracemalloc {

class AllocationHook final : public Engine, private BlockListener {
 public:
  // Both outlive the hook. A hook without a walker charges everything to one site.
  AllocationHook(StackWalker* walker, FrameResolver* resolver)
      : walker_(walker),
        resolver_(resolver),
        samples_(&layout_),
        places_(walker, resolver, &losses_),
        pending_(&layout_, &areas_, &samples_, &places_, &losses_) {}
  ~AllocationHook() override { Stop(); }

  Status Start(v8::Isolate* isolate, const EngineOptions& options, Tables* tables) override;
  void Stop() override;
  void Refresh() override;
  void RefreshCounters() override;
  void Forget() override;
  void Resume() override;
  Status AppendLeftOut(const Ages& ages, std::vector<LeftOut>* rows) override;
  bool SumAges(const Ages& ages, std::vector<SiteAges>* sums) override;
  bool FindSite(v8::Local<v8::Value> object, SiteId* site) override;
  bool AppendAddresses(const std::vector<bool>& sites, std::vector<uintptr_t>* objects) override;
  EngineReport Report() const override;
  void MarkFrames(std::vector<bool>* frames) override;
  void MarkStrings(const std::vector<bool>& frames, std::vector<bool>* strings) override;
  void Renumber(const Renumbering& ids) noexcept override;
  size_t MemoryUsage() const override;

  // For tests: visits every watched sample's object (a handle in the caller's scope) and site.
  void VisitSamples(LiveSamples::Visitor visit, void* data) { samples_.Visit(visit, data); }

 private:
  void OnBlock(int64_t bytes_since_last, uintptr_t address, size_t size) override;
  void Record(uintptr_t address, size_t size, const SamplePlace& place);
  int64_t NextDistance() override;
  void OnCollectionBegins(v8::GCType type);

  static void OnPrologue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* hook);
  static void OnEpilogue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* hook);
  // Forgets samples without counting their deaths.
  void DropSamples();
  void NoticeLoss();
  void InternLabels();

  StackWalker* walker_;
  FrameResolver* resolver_;
  v8::Isolate* isolate_ = nullptr;  // null: not running
  EngineOptions options_{};
  Tables* tables_ = nullptr;
  ObserverSwap swap_;
  SamplePoints points_{Sampler(1, 0)};
  Sampler chance_{1, 0};
  ObjectLayout layout_;
  AllocationAreas areas_;
  Losses losses_;
  LiveSamples samples_;
  SamplePlaces places_;
  PendingBlocks pending_;
  FrameId native_frame_ = 0;
  bool in_collection_ = false;
  bool is_lost_ = false;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_HEAP_ALLOCATION_HOOK_H_

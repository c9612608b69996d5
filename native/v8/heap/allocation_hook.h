// SPDX-License-Identifier: MIT
// The engine for line precision. V8 reports each sampled block while it is being allocated: the
// stack is walked, the site counts the birth, and the block waits. When the next collection begins,
// the object that the sample stands for is picked and a weak handle put on it; when that object is
// collected, the site counts the death. So live figures are right without any collection of ours.
//
//   OnBlock (inside an allocation)   ->  pending, counted live; no handle: the block's objects do
//                                        not exist yet
//   GC prologue                      ->  pending becomes a weak handle; is V8's sampler still ours?
//   first-pass weak callback         ->  counted dead
//
// While a block is pending only its address is known, so no collection may pass unseen. V8 calls
// nobody for one that starts inside another addon's GC callback: between our prologue and epilogue
// handles are made at once, and a canary (a weak handle on the first pending block) tells of one
// that came before our prologue.
#ifndef TRACEMALLOC_V8_HEAP_ALLOCATION_HOOK_H_
#define TRACEMALLOC_V8_HEAP_ALLOCATION_HOOK_H_

#include <vector>

#include "core/sample_points.h"
#include "core/sample_table.h"
#include "layout/block_member.h"
#include "layout/object_layout.h"
#include "v8/engine.h"
#include "v8/heap/observer_swap.h"
#include "v8/names/frame_resolver.h"
#include "v8/names/object_type.h"
#include "v8/walker/stack_walker.h"

namespace tracemalloc {

class AllocationHook final : public Engine, private BlockListener {
 public:
  // Both outlive the hook. A hook without a walker charges everything to one site.
  AllocationHook(StackWalker* walker, FrameResolver* resolver)
      : walker_(walker), resolver_(resolver), samples_(this) {}
  ~AllocationHook() override { Stop(); }

  Status Start(v8::Isolate* isolate, const EngineOptions& options, Tables* tables) override;
  void Stop() override;
  void Refresh() override;
  void RefreshCounters() override;
  void Forget() override;
  void Resume() override;
  Status FindNewborns(std::vector<Newborn>* newborns) override;
  bool SumElders(uint32_t batch, std::vector<double>* sizes) override;
  bool FindSite(v8::Local<v8::Value> object, SiteId* site) override;
  EngineReport Report() const override;
  void MarkFrames(std::vector<bool>* frames) override;
  void MarkStrings(const std::vector<bool>& frames, std::vector<bool>* strings) override;
  void Renumber(const Renumbering& ids) noexcept override;
  size_t MemoryUsage() const override;

  // For tests: every watched sample's object (a handle of the caller's scope) and site.
  using SampleVisitor = void (*)(v8::Local<v8::Value> object, const Site& site, void* data);
  void VisitSamples(SampleVisitor visit, void* data);

 private:
  using Samples = SampleTable<v8::Global<v8::Value>>;
  struct Pending {
    uintptr_t block;
    size_t size;
    SamplePlace place;
    Samples::Record* sample;
    AllocatingCode code;
  };
  // A sample of a string that collections may put another string in the place of.
  struct YoungString {
    Samples::Record* sample;  // without a handle: dead, and to be freed
    uint32_t collections;     // survived
    bool is_replaceable;      // when the collection began
  };
  // Every kind of inexactness, for Report().
  struct Losses {
    uint64_t unknown_members = 0;     // charged to the block's first object
    uint64_t unused_blocks = 0;       // the point lay in memory that was given back
    uint64_t missing_objects = 0;     // no object where one was announced
    uint64_t missed_collections = 0;  // samples whose fate another addon's GC callback hid
    uint64_t corrected_places = 0;    // told by the object, not by the code that made it
    uint64_t doubtful_places = 0;     // which the object contradicts
    uint64_t out_of_memory = 0;
  };

  void OnBlock(int64_t bytes_since_last, uintptr_t address, size_t size) override;
  void Record(uintptr_t address, size_t size, const SamplePlace& place);
  int64_t NextDistance() override { return points_.NextDistance(); }

  static void OnPrologue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* hook);
  static void OnEpilogue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* hook);
  static void OnDeath(const v8::WeakCallbackInfo<Samples::Record>& info);
  static void OnStringDeath(const v8::WeakCallbackInfo<Samples::Record>& info);

  bool IsNewborn(const Samples::Record& sample) const;
  void Watch(Samples::Record* sample, uintptr_t object);
  void SettlePending();
  void Settle(const Pending& pending);
  void Judge(const Pending& pending, const BlockMember& member);
  void SettleStrings(v8::GCType type);
  void Approximate(Samples::Record* sample, uint32_t frame_count);
  void MoveTo(Samples::Record* sample, const FrameId* frames, uint32_t count, uint32_t total);
  void Recount(Samples::Record* sample, double count, double variance);
  void CountDeath(Samples::Record* sample);
  void RemoveSample(Samples::Record* sample);
  void NameTypes();
  void Refine(Samples::Record* sample, v8::Local<v8::Value> object);
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
  ObjectLayout layout_;
  ObjectTypes types_;
  AllocationAreas areas_;
  Samples samples_;
  std::vector<Pending> pending_;
  std::vector<YoungString> young_strings_;
  v8::Global<v8::Value> canary_;
  uintptr_t canary_address_ = 0;
  FrameId native_frame_ = 0;
  size_t untyped_ = 0;             // watched samples whose type nobody has asked for
  uint32_t collections_ = 0;       // that have begun
  uint32_t full_collections_ = 0;  // those of both generations
  bool in_collection_ = false;
  bool is_lost_ = false;
  Losses losses_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_HEAP_ALLOCATION_HOOK_H_

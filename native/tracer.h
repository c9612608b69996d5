// SPDX-License-Identifier: MIT
// There is one tracer per environment (main thread or worker). It owns the engine and the tables,
// and chooses the most precise engine that this V8 allows. It is in the addon's instance data, and
// used on its isolate's thread.
#ifndef TRACEMALLOC_TRACER_H_
#define TRACEMALLOC_TRACER_H_

#include <v8.h>

#include <memory>
#include <optional>
#include <vector>

#include "core/interval_controller.h"
#include "core/status.h"
#include "core/tables.h"
#include "core/wire.h"
#include "v8/buffers/buffer_domain.h"
#include "v8/engine.h"
#include "v8/flags.h"
#include "v8/heap/heap_limit.h"
#include "v8/heap/heap_reporter.h"
#include "v8/labels/current_labels.h"
#include "v8/names/frame_resolver.h"
#include "v8/walker/safe_point.h"
#include "v8/walker/stack_walker.h"

namespace tracemalloc {

// The Node for which this binary was compiled.
struct BuiltFor {
  uint32_t node_major;
  int abi;  // NODE_MODULE_VERSION
};
extern const BuiltFor kBuiltFor;

enum class Precision {
  kAuto,      // the best available
  kLine,      // line precision, or an error
  kFunction,  // V8's public sampler, even if a better engine is available
};

struct TracerOptions {
  double sample_interval;  // where it is self-tuning, for an engine that can't tune it
  bool is_self_tuning;
  uint32_t traceback_limit;
  Precision precision;
  uint32_t thread_id;  // as Node counts: 0 is the main thread
  bool traces_heap = true;
  bool traces_buffers = true;
  FlagTexts flags;
  v8::Local<v8::Function> place_literals;  // see FrameResolver::SetPlacer; may be empty
};

class Tracer {
 public:
  explicit Tracer(v8::Isolate* isolate) : isolate_(isolate), labels_(isolate) {}
  ~Tracer() { Stop(); }
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  // No-op while tracing.
  Status Start(const TracerOptions& options);
  // Frees everything traced. Idempotent.
  void Stop();
  bool is_tracing() const { return engine_ != nullptr || buffers_ != nullptr; }

  // The following functions need a tracer that is tracing. Site ids are those of the last batch.
  std::vector<uint8_t> TakeBatch(uint32_t acknowledged);
  // The same, with what else depends on age, of the same moment.
  struct AgedBatch {
    std::vector<uint8_t> bytes;
    std::vector<LeftOut> left_out;  // the part of it that is not shown, by site and type
    std::vector<SiteAges> sums;     // of what is shown, by site, if they were asked for
  };
  enum class Sum { kNothing, kAges };
  Status TakeAgedBatch(uint32_t acknowledged, const Ages& ages, Sum sum, AgedBatch* batch);
  // Of live objects on the heap that existed when that batch was written, by site. False: unknown.
  bool SumElders(uint32_t batch, std::vector<SiteAges>* elders);
  // Where `object` was allocated. False: unknown. Cost: linear in the number of live samples.
  bool FindSite(v8::Local<v8::Value> object, SiteId* site);
  // What was sampled at these sites and is still alive: tagged addresses of objects that have
  // survived a collection, valid until the next one, and addresses of buffers' memory.
  // kUnsupportedPrecision: the engine can't know.
  Status FindSamples(const std::vector<SiteId>& sites, std::vector<uintptr_t>* addresses);
  // kOutOfMemory: tracing has stopped.
  Status Clear();
  // Brings the tables up to date for a reader.
  void Refresh();
  // Only the counters.
  void RefreshCounters();
  // True while our JavaScript is called to find the places of literals. It may load modules, which
  // may call a program's hooks: functions that take or free ids of the tables must not be called
  // then.
  bool is_placing() const { return resolver_ != nullptr && resolver_->is_placing(); }
  // Does a part of the next refresh in advance; false: no such part is left.
  bool PlaceNext();
  // Notes about the scripts of the last batch's frames: those that were not taken yet, or all if
  // that batch has everything.
  std::vector<ScriptNote> TakeScripts();
  v8::Local<v8::String> SourceMapOf(int32_t script_id);
  void ResetPeak();
  EngineReport Report() const;
  SamplingReport Sampling() const;
  // Full garbage collections since Start().
  uint32_t full_collections() const { return heap_reporter_->full_collections(); }
  // As HeapReporter.
  size_t heap_after_collection() const { return heap_reporter_->heap_after_collection(); }
  bool traces_heap() const { return engine_ != nullptr; }
  bool traces_buffers() const { return buffers_ != nullptr; }
  // Replaces the current watch, if any; ends when tracing stops.
  void WatchHeapLimit(HeapLimitOptions options);
  void UnwatchHeapLimit() { heap_limit_.reset(); }
  // Tracing or not.
  CurrentLabels* labels() { return &labels_; }

  const Tables& tables() const { return tables_; }
  size_t MemoryUsage() const;

 private:
  // To be held while ids of the tables are in use: V8, when it is called, may collect garbage, and
  // ids must not be freed then.
  class IdsInUse {
   public:
    explicit IdsInUse(Tracer* tracer) : uses_(&tracer->id_uses_) { ++*uses_; }
    ~IdsInUse() { --*uses_; }
    IdsInUse(const IdsInUse&) = delete;
    IdsInUse& operator=(const IdsInUse&) = delete;

   private:
    int* uses_;
  };

  // Sweeps the tables after garbage collections, also if no snapshots are taken.
  class AfterCollections {
   public:
    explicit AfterCollections(Tracer* tracer);
    ~AfterCollections();
    AfterCollections(const AfterCollections&) = delete;
    AfterCollections& operator=(const AfterCollections&) = delete;

   private:
    static void OnEpilogue(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self);
    static void OnSafePoint(void* tracer);

    Tracer* tracer_;
    SafePoint safe_point_;
  };

  void ReclaimIfDue();
  // By the ids of the last batch.
  std::vector<SiteAges> ToldSites(const std::vector<SiteAges>& sums) const;
  bool FindSiteNow(v8::Local<v8::Value> object, SiteId* site);
  Status StartDomains(const TracerOptions& options);
  void ClearDomains();
  void ClearTables();
  Status StartHeap(const EngineOptions& options, Precision precision);
  Status StartAllocationHook(const EngineOptions& options);
  Status StartBuffers(const EngineOptions& options, Precision precision);
  Status CreateWalker();

  v8::Isolate* isolate_;
  CurrentLabels labels_;
  Tables tables_;
  WireWriter writer_;
  IntervalController interval_ = IntervalController::Fixed(1, 0);
  int id_uses_ = 0;
  std::optional<AfterCollections> after_collections_;
  // Used by the allocation hook and the buffer domain. They outlive both, for the next start:
  // compiling the walker's start gate takes milliseconds, and V8 never frees all of it.
  std::unique_ptr<FrameResolver> resolver_;
  std::unique_ptr<StackWalker> walker_;
  // Null: not traced.
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<BufferDomain> buffers_;
  std::string buffers_reason_;  // why requested buffers are not traced, or not more precisely
  std::unique_ptr<HeapLimitWatch> heap_limit_;
  std::unique_ptr<HeapReporter> heap_reporter_;
  std::optional<TracingFlags> flags_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_TRACER_H_

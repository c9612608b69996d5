// SPDX-License-Identifier: MIT
#include "tracer.h"

#include <node_version.h>

#include <new>
#include <random>
#include <utility>

#include "v8/clocks.h"
#include "v8/heap/allocation_hook.h"
#include "v8/heap/public_sampler.h"

namespace tracemalloc {

const BuiltFor kBuiltFor{NODE_MAJOR_VERSION, NODE_MODULE_VERSION};

namespace {

// Scripts whose sources are kept for frames that are not named yet. If there are more, the frames
// are named at a safe point, so that the sources can be released.
constexpr size_t kMostPinnedScripts = 256;

// Scavenge, minor mark-sweep, mark-compact: the collections in which objects die.
constexpr auto kCollections = static_cast<v8::GCType>(1 | 2 | 4);

}  // namespace

Status Tracer::Start(const TracerOptions& options) {
  if (is_tracing()) return Status::Ok();
  try {
    const Status status = StartDomains(options);
    if (!is_tracing()) return status;
    if (resolver_ != nullptr && !options.place_literals.IsEmpty()) {
      resolver_->SetPlacer(options.place_literals);
    }
    heap_reporter_ = std::make_unique<HeapReporter>(isolate_, options.thread_id);
    flags_.emplace(options.flags);
    after_collections_.emplace(this);
    return status;
  } catch (const std::bad_alloc&) {
    Stop();
    // Only if nothing traces yet.
    walker_.reset();
    resolver_.reset();
    tables_.Clear();
    return Status::OutOfMemory();
  }
}

Status Tracer::StartDomains(const TracerOptions& options) {
  std::random_device random;
  const uint64_t seed = (static_cast<uint64_t>(random()) << 32) | random();
  const double now = ThreadCpuSeconds();
  interval_ = options.is_self_tuning ? IntervalController::SelfTuning(now)
                                     : IntervalController::Fixed(options.sample_interval, now);
  tables_.sample_interval = interval_.interval();
  EngineOptions engine_options{};
  engine_options.interval = &interval_;
  engine_options.untuned_interval = options.sample_interval;
  engine_options.traces_heap = options.traces_heap;
  engine_options.traceback_limit = options.traceback_limit;
  engine_options.labels = &labels_;
  engine_options.seed = seed;
  Status status;
  if (options.traces_heap) status = StartHeap(engine_options, options.precision);
  if (!status.ok() || !options.traces_buffers) return status;
  status = StartBuffers(engine_options, options.precision);
  if (status.ok() || !options.traces_heap) return status;
  buffers_reason_ = "buffers are not traced: " + status.message;
  return Status::Ok();
}

Status Tracer::StartHeap(const EngineOptions& options, Precision precision) {
  std::string reason = "function precision was asked for";
  if (precision != Precision::kFunction) {
    const Status status = StartAllocationHook(options);
    // V8 has room for one sampler: if the hook finds it in use, so would the fallback.
    if (status.ok() || status.code == StatusCode::kSamplerInUse ||
        status.code == StatusCode::kOutOfMemory || precision == Precision::kLine) {
      return status;
    }
    reason = status.message;
  }
  auto engine = std::make_unique<PublicSampler>(reason);
  const Status status = engine->Start(isolate_, options, &tables_);
  if (status.ok()) engine_ = std::move(engine);
  return status;
}

Status Tracer::CreateWalker() {
  if (walker_ != nullptr) return Status::Ok();
  resolver_ = FrameResolver::Create(isolate_, &tables_);
  return StackWalker::Create(isolate_, &tables_.frames, resolver_.get(), &walker_);
}

Status Tracer::StartAllocationHook(const EngineOptions& options) {
  Status status = CreateWalker();
  if (status.ok()) {
    auto engine = std::make_unique<AllocationHook>(walker_.get(), resolver_.get());
    status = engine->Start(isolate_, options, &tables_);
    if (status.ok()) {
      engine_ = std::move(engine);
      return status;
    }
  }
  walker_.reset();
  resolver_.reset();
  tables_.Clear();
  return status;
}

Status Tracer::StartBuffers(const EngineOptions& options, Precision precision) {
  buffers_reason_.clear();
  StackWalker* walker = nullptr;
  if (precision != Precision::kFunction) {
    // With an engine without a walker, the reason is already known.
    const Status status = engine_ == nullptr ? CreateWalker() : Status::Ok();
    if (!status.ok() && precision == Precision::kLine) return status;
    buffers_reason_ = status.message;
    walker = walker_.get();
  }
  if (walker == nullptr) {
    buffers_reason_ += buffers_reason_.empty() ? "" : "; ";
    buffers_reason_ += "buffers are counted without their stacks";
  }
  auto buffers = std::make_unique<BufferDomain>();
  const Status status = buffers->Start(isolate_, options, walker, &tables_);
  if (status.ok()) buffers_ = std::move(buffers);
  return status;
}

void Tracer::Stop() {
  if (!is_tracing()) return;
  UnwatchHeapLimit();
  after_collections_.reset();
  heap_reporter_.reset();
  if (buffers_ != nullptr) buffers_->Stop();
  if (engine_ != nullptr) engine_->Stop();
  buffers_.reset();
  engine_.reset();
  buffers_reason_.clear();
  ClearTables();
  flags_.reset();
}

Tracer::AfterCollections::AfterCollections(Tracer* tracer)
    : tracer_(tracer), safe_point_(tracer->isolate_, OnSafePoint, tracer) {
  tracer_->isolate_->AddGCEpilogueCallback(OnEpilogue, this, kCollections);
}

Tracer::AfterCollections::~AfterCollections() {
  tracer_->isolate_->RemoveGCEpilogueCallback(OnEpilogue, this);
}

void Tracer::AfterCollections::OnEpilogue(v8::Isolate*, v8::GCType, v8::GCCallbackFlags,
                                          void* data) {
  auto* self = static_cast<AfterCollections*>(data);
  Tracer* const tracer = self->tracer_;
  const FrameResolver* const resolver = tracer->resolver_.get();
  const ReclaimDue due = WhenToReclaim(tracer->tables_);
  if (due == ReclaimDue::kNow) {
    tracer->ReclaimIfDue();  // no safe point has been reached: sweep without naming frames
  } else if (due == ReclaimDue::kSoon ||
             (resolver != nullptr && resolver->pinned_scripts() > kMostPinnedScripts)) {
    self->safe_point_.Ask();
  }
}

void Tracer::AfterCollections::OnSafePoint(void* data) {
  auto* tracer = static_cast<Tracer*>(data);
  if (tracer->id_uses_ > 0) return;
  if (tracer->resolver_ != nullptr) {
    const IdsInUse in_use(tracer);
    tracer->resolver_->ResolveNew();
  }
  tracer->ReclaimIfDue();
}

void Tracer::ReclaimIfDue() {
  if (id_uses_ > 0 || WhenToReclaim(tables_) == ReclaimDue::kNo) return;
  try {
    std::vector<IdHolder*> holders{&writer_};
    if (engine_ != nullptr) holders.push_back(engine_.get());
    if (buffers_ != nullptr) holders.push_back(buffers_.get());
    if (resolver_ != nullptr) holders.push_back(resolver_.get());
    if (walker_ != nullptr) holders.push_back(walker_.get());
    Reclaim(&tables_, holders);
  } catch (const std::bad_alloc&) {
    // Retried after the next garbage collection.
  }
}

void Tracer::Refresh() {
  const IdsInUse in_use(this);
  if (engine_ != nullptr) {
    engine_->Refresh();
  } else if (resolver_ != nullptr) {
    resolver_->ResolveNew();
  }
  if (buffers_ != nullptr) buffers_->Refresh();
}

void Tracer::RefreshCounters() {
  const IdsInUse in_use(this);
  if (engine_ != nullptr) engine_->RefreshCounters();
  if (buffers_ != nullptr) buffers_->RefreshCounters();
}

bool Tracer::PlaceNext() {
  const IdsInUse in_use(this);
  return resolver_ != nullptr && resolver_->PlaceNext();
}

std::vector<ScriptNote> Tracer::TakeScripts() {
  if (resolver_ == nullptr) return {};
  return resolver_->script_notes()->Take(writer_.began_anew() ? ScriptNotes::Which::kAll
                                                              : ScriptNotes::Which::kNew);
}

v8::Local<v8::String> Tracer::SourceMapOf(int32_t script_id) {
  return resolver_ == nullptr ? v8::Local<v8::String>()
                              : resolver_->script_notes()->SourceMapOf(script_id);
}

std::vector<uint8_t> Tracer::TakeBatch(uint32_t acknowledged) {
  Refresh();
  ReclaimIfDue();
  return writer_.Write(&tables_, acknowledged);
}

Status Tracer::TakeAgedBatch(uint32_t acknowledged, const Ages& ages, Sum sum, AgedBatch* batch) {
  Refresh();
  ReclaimIfDue();
  if (ages.LeaveOut()) {
    std::vector<LeftOut>* const rows = &batch->left_out;
    const Status status = engine_ == nullptr ? Status::Ok() : engine_->AppendLeftOut(ages, rows);
    if (!status.ok()) return status;
    if (buffers_ != nullptr) buffers_->AppendLeftOut(ages, rows);
    SumLeftOut(rows);
  }
  std::vector<SiteAges> sums;
  if (sum == Sum::kAges) {
    // An engine that can't know adds nothing.
    if (engine_ != nullptr) engine_->SumAges(ages, &sums);
    if (buffers_ != nullptr) buffers_->SumAges(ages, &sums);
  }
  batch->bytes = writer_.Write(&tables_, acknowledged);
  if (sum == Sum::kAges) batch->sums = ToldSites(sums);
  return Status::Ok();
}

bool Tracer::SumElders(uint32_t batch, std::vector<SiteAges>* elders) {
  Ages ages;
  ages.until = batch;
  std::vector<SiteAges> sums;
  if (engine_ == nullptr || !engine_->SumAges(ages, &sums)) return false;
  *elders = ToldSites(sums);
  return true;
}

std::vector<SiteAges> Tracer::ToldSites(const std::vector<SiteAges>& sums) const {
  std::vector<SiteAges> by_told(writer_.sites().count());
  for (SiteId id = 0; id < sums.size(); id++) {
    const SiteId told = writer_.sites().Of(id);
    if (told != kGone) by_told[told] = sums[id];
  }
  return by_told;
}

bool Tracer::FindSite(v8::Local<v8::Value> object, SiteId* site) {
  Refresh();
  const IdsInUse in_use(this);
  if (!FindSiteNow(object, site)) return false;
  *site = writer_.sites().Of(*site);
  return *site != kGone;
}

bool Tracer::FindSiteNow(v8::Local<v8::Value> object, SiteId* site) {
  const auto find_object = [&] { return engine_ != nullptr && engine_->FindSite(object, site); };
  SiteId memory;
  bool is_whole;
  if (buffers_ == nullptr || !buffers_->FindSite(object, &memory, &is_whole)) return find_object();
  // A slice of a slab was made at another place than the slab.
  if (!is_whole && find_object()) return true;
  *site = memory;
  return true;
}

Status Tracer::FindSamples(const std::vector<SiteId>& sites, std::vector<uintptr_t>* addresses) {
  std::vector<bool> told(writer_.sites().count());
  for (const SiteId site : sites) {
    if (site < told.size()) told[site] = true;
  }
  std::vector<bool> wanted(tables_.sites.size());
  for (SiteId id = 0; id < wanted.size(); id++) {
    const SiteId site = writer_.sites().Of(id);
    wanted[id] = site != kGone && told[site];
  }
  if (buffers_ != nullptr) buffers_->AppendBlocks(wanted, addresses);
  if (engine_ == nullptr || engine_->AppendAddresses(wanted, addresses)) return Status::Ok();
  return Status::Error(StatusCode::kUnsupportedPrecision,
                       "the objects of a line are known with line precision only");
}

Status Tracer::Clear() {
  try {
    ClearDomains();
    return Status::Ok();
  } catch (const std::bad_alloc&) {
    Stop();  // the tables are incomplete, and even lack the labels
    return Status::OutOfMemory();
  }
}

void Tracer::ClearDomains() {
  if (buffers_ != nullptr) buffers_->ForgetBlocks();
  const IdsInUse in_use(this);
  if (engine_ != nullptr) engine_->Forget();
  ClearTables();
  if (engine_ != nullptr) engine_->Resume();
  if (buffers_ != nullptr) buffers_->InternTypes();
}

void Tracer::ClearTables() {
  if (walker_ != nullptr) walker_->Clear();
  if (resolver_ != nullptr) resolver_->Clear();
  tables_.Clear();
  writer_.Reset();
}

void Tracer::ResetPeak() {
  RefreshCounters();
  tables_.sites.ResetPeak();
}

EngineReport Tracer::Report() const {
  EngineReport report;
  if (engine_ != nullptr) {
    report = engine_->Report();
  } else {
    report.name = "buffer-hook";
    report.precision = buffers_->has_lines() ? "line" : "function";
    if (buffers_->has_lines()) walker_->Report(&report);
  }
  if (buffers_ != nullptr) buffers_->Report(&report);
  if (!buffers_reason_.empty()) {
    report.reason += report.reason.empty() ? "" : "; ";
    report.reason += buffers_reason_;
  }
  return report;
}

SamplingReport Tracer::Sampling() const { return interval_.ReportAt(ThreadCpuSeconds()); }

void Tracer::WatchHeapLimit(HeapLimitOptions options) {
  UnwatchHeapLimit();
  heap_limit_ = std::make_unique<HeapLimitWatch>(isolate_, Report().precision, &tables_,
                                                 resolver_.get(), std::move(options));
}

size_t Tracer::MemoryUsage() const {
  return sizeof(*this) + tables_.MemoryUsage() + writer_.MemoryUsage() +
         (engine_ == nullptr ? 0 : engine_->MemoryUsage()) +
         (buffers_ == nullptr ? 0 : buffers_->MemoryUsage()) +
         (walker_ == nullptr ? 0 : walker_->MemoryUsage()) +
         (resolver_ == nullptr ? 0 : resolver_->MemoryUsage());
}

}  // namespace tracemalloc

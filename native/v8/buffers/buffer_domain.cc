// SPDX-License-Identifier: MIT
#include "v8/buffers/buffer_domain.h"

#include <cmath>
#include <limits>
#include <new>
#include <string>

#include "core/native_labels.h"
#include "core/thinning.h"
#include "v8/clocks.h"
#include "v8/labels/current_labels.h"
#include "v8/sample_cost.h"

namespace tracemalloc {
Status BufferDomain::Start(v8::Isolate* isolate, const EngineOptions& options, StackWalker* walker,
                           Tables* tables) {
  traceback_limit_ = options.traceback_limit;
  labels_ = options.labels;
  walker_ = walker;
  tables_ = tables;
  interval_ = options.interval;
  is_alone_ = !options.traces_heap;
  // The same seed as the heap's, but other sample points.
  sampler_ = Sampler(interval_->interval(), ~options.seed);
  samples_ = thinned_out_ = out_of_memory_ = 0;
  InternTypes();
  const Status status = swap_.Install(isolate, this, Distance());
  if (!status.ok()) return status;
  isolate_ = isolate;
  isolate->AddGCPrologueCallback(OnCollection, this);
  isolate->AddGCEpilogueCallback(OnCollection, this);
  return status;
}

void BufferDomain::Stop() {
  if (isolate_ == nullptr) return;
  swap_.Uninstall();
  isolate_->RemoveGCPrologueCallback(OnCollection, this);
  isolate_->RemoveGCEpilogueCallback(OnCollection, this);
  isolate_ = nullptr;
}

uint64_t BufferDomain::Distance() {
  return static_cast<uint64_t>(std::ceil(sampler_.NextDistance()));
}

// Distances are memoryless, so that a new one may be drawn at any time. (If an allocation fails,
// Node makes V8 collect garbage and tries again. If that collection draws a new distance, this one
// sample is weighted with another interval than that with which its distance was drawn.)
void BufferDomain::DrawDistance() {
  sampler_.set_interval(interval_->interval());
  if (is_alone_) tables_->sample_interval = interval_->interval();
  swap_.set_distance(Distance());
}

void BufferDomain::OnSampled(const void* block, size_t size) {
  {
    const SampleCost cost(interval_);
    CountDeaths();  // first: the peak must not include dead blocks
    try {
      Record(block, size);
    } catch (const std::bad_alloc&) {
      out_of_memory_++;
    }
    if (interval_->is_self_tuning()) ThinOut();
  }
  DrawDistance();
}

void BufferDomain::Record(const void* block, size_t size) {
  FrameId frames[kMaxTraceback];
  WalkedStack stack;
  if (walker_ != nullptr) stack = walker_->Walk(frames, traceback_limit_);
  if (stack.count == 0) {
    frames[0] = InternLabel(walker_ == nullptr ? kLabelBuffer : native_stack_.Label(), tables_);
    stack.count = stack.total = 1;
  }
  const SiteId site =
      tables_->sites.Intern(Domain::kBuffer, frames, stack.count, stack.total, labels_->Now());
  const double bytes = static_cast<double>(size);
  const double weight = SampleWeight(bytes, sampler_.interval());
  const BlockRecords::Birth birth{bytes * weight,
                                  site,
                                  static_cast<float>(weight),
                                  static_cast<float>(SampleVariance(bytes, weight)),
                                  tables_->batch,
                                  BirthTimeAt(MonotonicSeconds())};
  if (swap_.records()->Add(block, size, birth)) {
    tables_->sites.Add(site, birth.size, birth.count, birth.variance);
    samples_++;
  } else {
    out_of_memory_++;
  }
}

void BufferDomain::OnCollection(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* data) {
  auto* domain = static_cast<BufferDomain*>(data);
  domain->CountDeaths();
  domain->interval_->OnTime(ThreadCpuSeconds());
  if (domain->sampler_.interval() != domain->interval_->interval()) domain->DrawDistance();
  // With an engine this is called twice, which costs little.
  if (type == v8::kGCTypeMarkSweepCompact && domain->walker_ != nullptr) {
    domain->walker_->CodeMayHaveMoved();
  }
}

void BufferDomain::ThinOut() {
  if (swap_.records()->size() <= kMostLiveBuffers) return;
  CountDeaths();
  ThinningInterval all;
  swap_.records()->ForEach([&](size_t, const BlockRecords::Birth* birth) {
    all.Count(birth->size);
    return true;
  });
  const double interval = all.ThatLeaves(kMostLiveBuffers * kShareLeft);
  swap_.records()->ForEach([&](size_t bytes, BlockRecords::Birth* birth) {
    SampleFigures figures{birth->size, birth->count, birth->variance};
    if (!Thin(static_cast<double>(bytes), interval, sampler_.NextUniform(), &figures)) {
      tables_->sites.Remove(birth->site, birth->size, birth->count, birth->variance);
      thinned_out_++;
      return false;
    }
    const BlockRecords::Birth before = *birth;
    birth->size = figures.size;
    birth->count = static_cast<float>(figures.count);
    birth->variance = static_cast<float>(figures.variance);
    const double count = static_cast<double>(birth->count) - before.count;
    const double variance = static_cast<double>(birth->variance) - before.variance;
    tables_->sites.Reweigh(before.site, birth->size - before.size, count, variance);
    return true;
  });
  tables_->sites.UpdatePeak();
}

void BufferDomain::CountDeaths() {
  swap_.records()->TakeDeaths([this](const BlockRecords::Birth& birth) {
    tables_->sites.Remove(birth.site, birth.size, birth.count, birth.variance);
  });
}

StringId BufferDomain::TypeOf(const Site& site) const {
  const FrameId* const frames = tables_->sites.frames(site);
  for (uint32_t i = 0; i < site.frame_count; i++) {
    const ResolvedFrame& frame = tables_->frames.at(frames[i]).resolution;
    const std::string& file = tables_->strings.at(frame.filename);
    if (file != "node:buffer" && file != "node:internal/buffer") break;
    if (tables_->strings.at(frame.function_name) == "createPool") return pool_type_;
  }
  return buffer_type_;
}

// All bytes of a site have one type, since they share a stack.
void BufferDomain::NameTypes() {
  for (const SiteId id : tables_->sites.changed()) {
    const Site& site = tables_->sites.at(id);
    if (site.domain != Domain::kBuffer) continue;
    const TypedCounters known = site.types.empty() ? TypedCounters{0, 0, 0} : site.types.front();
    tables_->sites.AddTyped(id, known.type != 0 ? known.type : TypeOf(site),
                            site.counters.live_size - known.live_size,
                            site.counters.live_count - known.live_count);
  }
}

void BufferDomain::RefreshCounters() { CountDeaths(); }

void BufferDomain::Refresh() {
  RefreshCounters();
  NameTypes();
}

void BufferDomain::ForgetBlocks() { swap_.records()->Clear(); }

void BufferDomain::InternTypes() {
  pool_type_ = tables_->strings.Intern("Buffer pool");
  buffer_type_ = tables_->strings.Intern("ArrayBuffer");
}

void BufferDomain::AppendBlocks(const std::vector<bool>& sites,
                                std::vector<uintptr_t>* blocks) const {
  swap_.records()->ForEachBlock([&](const void* block, const BlockRecords::Birth& birth) {
    if (birth.site < sites.size() && sites[birth.site]) {
      blocks->push_back(reinterpret_cast<uintptr_t>(block));
    }
  });
}

void BufferDomain::AppendLeftOut(const Ages& ages, std::vector<LeftOut>* rows) {
  swap_.records()->ForEachBirth([&](const BlockRecords::Birth& birth) {
    if (ages.Show(birth.batch)) return;
    const auto& types = tables_->sites.at(birth.site).types;
    const StringId type = types.empty() ? 0 : types.front().type;
    rows->push_back({birth.site, type, birth.size, birth.count, birth.variance, 1});
  });
}

void BufferDomain::SumAges(const Ages& ages, std::vector<SiteAges>* sums) {
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  const double now = MonotonicSeconds();
  sums->resize(tables_->sites.size());
  swap_.records()->ForEachBirth([&](const BlockRecords::Birth& birth) {
    if (!ages.Show(birth.batch)) return;
    (*sums)[birth.site].Add({birth.size, birth.variance, AgeAt(now, birth.birth_time), kUnknown});
  });
}

bool BufferDomain::FindSite(v8::Local<v8::Value> object, SiteId* site, bool* is_whole) const {
  if (walker_ == nullptr) return false;
  const void* memory = nullptr;
  *is_whole = true;
  if (object->IsArrayBuffer()) {
    memory = object.As<v8::ArrayBuffer>()->Data();
  } else if (object->IsSharedArrayBuffer()) {
    memory = object.As<v8::SharedArrayBuffer>()->Data();
  } else if (object->IsArrayBufferView()) {
    const v8::Local<v8::ArrayBufferView> view = object.As<v8::ArrayBufferView>();
    // Small typed arrays hold their bytes on the heap until their buffer is accessed.
    if (!view->HasBuffer()) return false;
    const v8::Local<v8::ArrayBuffer> buffer = view->Buffer();
    memory = buffer->Data();
    *is_whole = view->ByteLength() == buffer->ByteLength();
  }
  BlockRecords::Birth birth;
  if (memory == nullptr || !swap_.records()->Find(memory, &birth)) return false;
  *site = birth.site;
  return true;
}

void BufferDomain::MarkStrings(const std::vector<bool>&, std::vector<bool>* strings) {
  (*strings)[pool_type_] = (*strings)[buffer_type_] = true;
}

void BufferDomain::Renumber(const Renumbering& ids) noexcept {
  pool_type_ = ids.strings[pool_type_];
  buffer_type_ = ids.strings[buffer_type_];
  swap_.records()->MoveToNewSites(ids.sites);
}

void BufferDomain::Report(EngineReport* report) const {
  const auto add = [&](const char* name, double count) {
    report->diagnostics.emplace_back(name, count);
  };
  const BlockRecords& records = *swap_.records();
  add("bufferSamples", static_cast<double>(samples_));
  add("bufferThinnedOut", static_cast<double>(thinned_out_));
  add("bufferOutOfMemory", static_cast<double>(out_of_memory_));
  add("bufferOtherThreads", static_cast<double>(swap_.foreign_allocations()));
  add("bufferWrongSizes", static_cast<double>(records.wrong_sizes()));
  add("bufferMissedDeaths", static_cast<double>(records.missed_deaths()));
}

size_t BufferDomain::MemoryUsage() const {
  return sizeof(*this) + swap_.records()->MemoryUsage() + native_stack_.MemoryUsage();
}

}  // namespace tracemalloc

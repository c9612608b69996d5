// SPDX-License-Identifier: MIT
#include "v8/heap/allocation_hook.h"

#include <new>

#include "core/native_labels.h"
#include "v8/heap/hook_rehearsal.h"
#include "v8/labels/current_labels.h"
#include "v8/sample_cost.h"

namespace tracemalloc {

namespace {

// Scavenge, minor mark-sweep, mark-compact: the collections in which objects die or move. V8 has
// renamed the second one.
constexpr auto kCollections = static_cast<v8::GCType>(1 | 2 | 4);

}  // namespace

Status AllocationHook::Start(v8::Isolate* isolate, const EngineOptions& options, Tables* tables) {
  options_ = options;
  tables_ = tables;
  tables->sample_interval = options.interval->interval();
  points_ = SamplePoints(Sampler(options.interval->interval(), options.seed));
  chance_ = Sampler(1, options.seed + 1);
  losses_ = {};
  is_lost_ = in_collection_ = false;
  layout_ = ObjectLayout();
  Status status = layout_.Init();
  if (!status.ok()) return status;
  InternLabels();
  HookRehearsal rehearsal(&points_, &layout_);
  status = swap_.Install(isolate, &rehearsal);
  if (!status.ok()) return status;
  try {
    status = rehearsal.Run(isolate, &areas_);
  } catch (const std::bad_alloc&) {
    status = Status::OutOfMemory();
  }
  if (!status.ok()) {
    swap_.Uninstall();
    return status;
  }
  places_.Start(options.traceback_limit, tables);
  samples_.Start(isolate, tables);
  pending_.Start(isolate, options.interval->interval() <= 1);
  swap_.set_listener(this);
  isolate_ = isolate;
  if (walker_ != nullptr) walker_->CodeMayHaveMoved();  // no GC callbacks were registered until now
  isolate->AddGCPrologueCallback(OnPrologue, this, kCollections);
  isolate->AddGCEpilogueCallback(OnEpilogue, this, kCollections);
  return Status::Ok();
}

void AllocationHook::InternLabels() {
  native_frame_ = InternLabel(kLabelNative, tables_);
  tables_->sites.set_overflow_frame(InternLabel(kLabelOverflow, tables_));
}

void AllocationHook::Stop() {
  if (isolate_ == nullptr) return;
  swap_.Uninstall();
  isolate_->RemoveGCPrologueCallback(OnPrologue, this);
  isolate_->RemoveGCEpilogueCallback(OnEpilogue, this);
  DropSamples();
  isolate_ = nullptr;
}

void AllocationHook::OnBlock(int64_t bytes_since_last, uintptr_t address, size_t block_size) {
  const size_t size = (block_size + 7) & ~size_t{7};
  SamplePlace place;
  if (!points_.Locate(bytes_since_last, address, size, &place)) return;
  if (resolver_ != nullptr && resolver_->is_placing()) return;
  const SampleCost cost(options_.interval);
  try {
    Record(address, size, place);
  } catch (const std::bad_alloc&) {
    losses_.out_of_memory++;
  }
}

int64_t AllocationHook::NextDistance() {
  tables_->sample_interval = options_.interval->interval();
  points_.set_interval(options_.interval->interval());
  return points_.NextDistance();
}

void AllocationHook::Record(uintptr_t address, size_t size, const SamplePlace& place) {
  pending_.Reserve();
  FrameId frames[kMaxTraceback];
  WalkedStack stack;
  if (walker_ != nullptr) stack = walker_->Walk(frames, options_.traceback_limit);
  if (stack.count == 0) {
    frames[0] = native_frame_;
    stack.count = stack.total = 1;
  }
  const SiteId site = tables_->sites.Intern(Domain::kHeap, frames, stack.count, stack.total,
                                            options_.labels->Now());
  const double bytes = static_cast<double>(size) - place.begin;
  const double weight = SampleWeight(bytes, place.interval);
  const SampleFigures figures{bytes * weight, weight * bytes / static_cast<double>(size),
                              SampleVariance(bytes, weight)};
  HeapSample* sample = samples_.Add(site, figures, bytes, areas_.IsOld(address));
  if (sample == nullptr) {
    losses_.out_of_memory++;
    return;
  }
  if (in_collection_) return samples_.Watch(sample, address);
  pending_.Add({address, size, place, sample, stack.code});
}

void AllocationHook::OnPrologue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* data) {
  auto* hook = static_cast<AllocationHook*>(data);
  hook->in_collection_ = true;
  hook->OnCollectionBegins(type);
}

void AllocationHook::OnCollectionBegins(v8::GCType type) {
  samples_.CollectionBegins(type);
  if (is_lost_) return;
  if (!swap_.IsInstalled()) return NoticeLoss();
  const double begin = ThreadCpuSeconds();
  pending_.Settle();
  if (options_.interval->is_self_tuning()) samples_.ThinOut(&chance_);
  samples_.LookAtStrings();
  const double end = ThreadCpuSeconds();
  options_.interval->AddCollectionCost(end - begin);
  options_.interval->OnTime(end);
  if (type != v8::kGCTypeMarkSweepCompact) return;
  layout_.ForgetMaps();
  if (walker_ != nullptr) walker_->CodeMayHaveMoved();
}

void AllocationHook::OnEpilogue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* data) {
  auto* hook = static_cast<AllocationHook*>(data);
  hook->in_collection_ = false;
  hook->samples_.SettleStrings(type);
  if (type == v8::kGCTypeMarkSweepCompact && hook->walker_ != nullptr) {
    hook->walker_->CodeMayHaveMoved();
  }
}

void AllocationHook::NoticeLoss() {
  is_lost_ = true;
  DropSamples();
}

void AllocationHook::DropSamples() {
  pending_.Drop();
  samples_.Drop();
}

void AllocationHook::RefreshCounters() {
  if (isolate_ == nullptr) return;
  if (!is_lost_ && !swap_.IsInstalled()) NoticeLoss();
  if (!is_lost_) pending_.Settle();
}

void AllocationHook::Refresh() {
  if (isolate_ == nullptr) return;
  RefreshCounters();
  if (!is_lost_) {
    if (resolver_ != nullptr) resolver_->ResolveNew();
    samples_.NameTypes(&places_);
  }
  if (resolver_ != nullptr) resolver_->ResolveNew();
}

Status AllocationHook::AppendLeftOut(const Ages& ages, std::vector<LeftOut>* rows) {
  samples_.AppendLeftOut(ages, rows);
  return Status::Ok();
}

bool AllocationHook::SumAges(const Ages& ages, std::vector<SiteAges>* sums) {
  samples_.SumAges(ages, sums);
  return true;
}

bool AllocationHook::FindSite(v8::Local<v8::Value> object, SiteId* site) {
  return samples_.FindSite(object, site);
}

void AllocationHook::MarkFrames(std::vector<bool>* frames) { (*frames)[native_frame_] = true; }

void AllocationHook::MarkStrings(const std::vector<bool>&, std::vector<bool>* strings) {
  samples_.MarkStrings(strings);
}

void AllocationHook::Renumber(const Renumbering& ids) noexcept {
  native_frame_ = ids.frames[native_frame_];
  samples_.Renumber(ids);
}

void AllocationHook::Forget() { DropSamples(); }

void AllocationHook::Resume() { InternLabels(); }

bool AllocationHook::AppendAddresses(const std::vector<bool>& sites,
                                     std::vector<uintptr_t>* objects) {
  samples_.AppendAddresses(sites, objects);
  return true;
}

EngineReport AllocationHook::Report() const {
  EngineReport report;
  report.name = "allocation-hook";
  report.precision = "line";
  report.lost = is_lost_;
  if (!areas_.is_known()) {
    report.reason = "V8's allocation areas were not found: merged allocations count as their first";
  }
  const auto add = [&](const char* name, uint64_t count) {
    report.diagnostics.emplace_back(name, static_cast<double>(count));
  };
  add("unknownMembers", losses_.unknown_members);
  add("unusedBlocks", losses_.unused_blocks);
  add("missingObjects", losses_.missing_objects);
  add("missedCollections", losses_.missed_collections);
  add("correctedPlaces", losses_.corrected_places);
  add("doubtfulPlaces", losses_.doubtful_places);
  add("outOfMemory", losses_.out_of_memory);
  add("unmatchedPoints", points_.unmatched());
  add("thinnedOut", samples_.thinned_out());
  if (walker_ != nullptr) walker_->Report(&report);
  return report;
}

size_t AllocationHook::MemoryUsage() const {
  return sizeof(*this) + samples_.MemoryUsage() + pending_.MemoryUsage();
}

}  // namespace tracemalloc

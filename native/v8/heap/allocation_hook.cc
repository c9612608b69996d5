// SPDX-License-Identifier: MIT
#include "v8/heap/allocation_hook.h"

#include <algorithm>
#include <new>

#include "core/native_labels.h"
#include "core/vector_room.h"
#include "layout/heap_view.h"
#include "v8/heap/hook_rehearsal.h"
#include "v8/names/pinned_object.h"

namespace tracemalloc {

namespace {

// Scavenge, minor mark-sweep, mark-compact: those in which objects die or move. The second has had
// two names.
constexpr auto kCollections = static_cast<v8::GCType>(1 | 2 | 4);

constexpr uint32_t kMaxTraceback = 128;
constexpr size_t kHandleSize = 32;           // what V8 spends on a weak handle
constexpr size_t kMaxIdlePending = 1 << 14;  // records kept between collections

// In every JSObject, behind its map and its properties.
uintptr_t ElementsOf(v8::Local<v8::Value> array) {
  constexpr size_t kElementsWord = 2;
  const uintptr_t address = TaggedAddressOf(array) - 1;
  return reinterpret_cast<const uintptr_t*>(address)[kElementsWord] - 1;
}

// Whether a literal's elements are those of its description, which V8 copies once they change.
bool AreShared(v8::Isolate* isolate, v8::Local<v8::Value> array) {
  const auto map_of = [](uintptr_t address) {
    return *reinterpret_cast<const uintptr_t*>(address) - 1;
  };
  const auto type_of = [](uintptr_t map) {
    return *reinterpret_cast<const uint16_t*>(map + kMapInstanceType);
  };
  const v8::Local<v8::Array> plain = v8::Array::New(isolate, 1);
  const uintptr_t own = map_of(ElementsOf(plain));
  const uintptr_t map = map_of(ElementsOf(array));
  return map != own && type_of(map) == type_of(own);
}

}  // namespace

Status AllocationHook::Start(v8::Isolate* isolate, const EngineOptions& options, Tables* tables) {
  options_ = options;
  tables_ = tables;
  points_ = SamplePoints(Sampler(options.sample_interval, options.seed));
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
  swap_.set_listener(this);
  isolate_ = isolate;
  if (walker_ != nullptr) walker_->CodeMayHaveMoved();  // while nobody told it
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
  try {
    Record(address, size, place);
  } catch (const std::bad_alloc&) {
    losses_.out_of_memory++;
  }
}

void AllocationHook::Record(uintptr_t address, size_t size, const SamplePlace& place) {
  MakeRoom(&pending_, 1);
  FrameId frames[kMaxTraceback];
  WalkedStack stack;
  if (walker_ != nullptr) stack = walker_->Walk(frames, options_.traceback_limit);
  if (stack.count == 0) {
    frames[0] = native_frame_;
    stack.count = stack.total = 1;
  }
  const SiteId site = tables_->sites.Intern(Domain::kHeap, frames, stack.count, stack.total);
  const double bytes = static_cast<double>(size) - place.begin;
  const double weight = SampleWeight(bytes, options_.sample_interval);
  const bool is_old = areas_.IsOld(address);
  Samples::Record* sample = samples_.New({bytes * weight,
                                          {},
                                          site,
                                          0,
                                          static_cast<float>(weight * bytes / size),
                                          static_cast<float>(SampleVariance(bytes, weight)),
                                          is_old ? full_collections_ : collections_,
                                          tables_->batch,
                                          is_old});
  if (sample == nullptr) {
    losses_.out_of_memory++;
    return;
  }
  tables_->sites.Add(site, sample->size, sample->count, sample->variance);
  if (in_collection_) return Watch(sample, address);
  if (pending_.empty()) {
    canary_ = Pin(isolate_, address | 1);
    canary_.SetWeak();
    canary_address_ = address;
  }
  pending_.push_back({address, size, place, sample, stack.code});
}

void AllocationHook::Watch(Samples::Record* sample, uintptr_t object) {
  const bool is_string = layout_.IsString(object);
  if (is_string) MakeRoom(&young_strings_, 1);
  sample->handle = Pin(isolate_, object | 1);
  sample->handle.SetWeak(sample, is_string ? OnStringDeath : OnDeath,
                         v8::WeakCallbackType::kParameter);
  if (is_string) young_strings_.push_back({sample, 0, false});
  untyped_++;
}

void AllocationHook::OnDeath(const v8::WeakCallbackInfo<Samples::Record>& info) {
  Samples::Record* sample = info.GetParameter();
  auto* hook = static_cast<AllocationHook*>(Samples::OwnerOf(sample));
  hook->CountDeath(sample);
  hook->samples_.Free(sample);
}

void AllocationHook::OnStringDeath(const v8::WeakCallbackInfo<Samples::Record>& info) {
  Samples::Record* sample = info.GetParameter();
  static_cast<AllocationHook*>(Samples::OwnerOf(sample))->CountDeath(sample);
}

void AllocationHook::CountDeath(Samples::Record* sample) {
  if (sample->type == 0) {
    untyped_--;
  } else {
    tables_->sites.AddTyped(sample->site, sample->type, -sample->size, -sample->count);
  }
  sample->handle.Reset();
  tables_->sites.Remove(sample->site, sample->size, sample->count, sample->variance);
}

void AllocationHook::RemoveSample(Samples::Record* sample) {
  tables_->sites.Remove(sample->site, sample->size, sample->count, sample->variance);
  samples_.Free(sample);
}

void AllocationHook::Recount(Samples::Record* sample, double count, double variance) {
  const float old_count = sample->count;
  const float old_variance = sample->variance;
  sample->count = static_cast<float>(count);
  sample->variance = static_cast<float>(variance);
  tables_->sites.Recount(sample->site, sample->count - old_count, sample->variance - old_variance);
}

void AllocationHook::MoveTo(Samples::Record* sample, const FrameId* frames, uint32_t count,
                            uint32_t total) {
  const SiteId moved =
      tables_->sites.Intern(tables_->sites.at(sample->site).domain, frames, count, total);
  if (moved == sample->site) return;
  tables_->sites.Move(sample->site, moved, sample->size, sample->count, sample->variance);
  sample->site = moved;
}

// Lets the object say where it was made: see StackWalker::Judge. Compiled code that merged
// allocations announces them at the place of the first one: where the others are, in that function
// or in one inlined beside it, only they can tell. Code that was optimized since start() does not
// merge. A builtin's merged objects are of one place, but what it left of a block, or compiled code
// did, may have been used by anybody: a literal alone is sure to have made what fills its block.
void AllocationHook::Judge(const Pending& pending, const BlockMember& member) {
  const uint32_t told = pending.code.frames;
  Samples::Record* sample = pending.sample;
  if (pending.code.is_deoptimizing || member.kind == BlockMember::Kind::kLater ||
      (member.kind == BlockMember::Kind::kMerged && told == 0)) {
    return Approximate(sample, kMaxTraceback);
  }
  if (told == 0) return;
  const PlaceVerdict judged = walker_->Judge(pending.code, member.address | 1);
  const bool is_compiled = pending.code.place.is_compiled();
  const bool is_merged =
      member.kind == BlockMember::Kind::kMerged || (is_compiled && member.address != pending.block);
  if (judged.verdict == Verdict::kDoubtful) losses_.doubtful_places++;
  if (judged.verdict == Verdict::kDoubtful || (is_merged && judged.verdict != Verdict::kCertain)) {
    const bool may_be_anybodys = member.kind == BlockMember::Kind::kMerged;
    return Approximate(sample, may_be_anybodys ? kMaxTraceback : told);
  }
  if (judged.verdict == Verdict::kAsTold || judged.count == 0) return;
  const Site& site = tables_->sites.at(sample->site);
  if (site.frame_count < told) return;  // no room for its stack was left: see SiteTable
  const FrameId* old_frames = tables_->sites.frames(site);
  if (judged.count == told && std::equal(old_frames, old_frames + told, judged.frames)) return;
  losses_.corrected_places++;
  FrameId frames[kMaxTraceback];
  const uint32_t limit = std::min(kMaxTraceback, options_.traceback_limit);
  const uint32_t corrected = std::min(judged.count, limit);
  const uint32_t rest = std::min(site.frame_count - told, limit - corrected);
  std::copy_n(judged.frames, corrected, frames);
  std::copy_n(old_frames + told, rest, frames + corrected);
  const uint32_t total = site.total_frames == 0 ? 0 : site.total_frames - told + judged.count;
  MoveTo(sample, frames, corrected + rest, total);
}

void AllocationHook::Approximate(Samples::Record* sample, uint32_t frame_count) {
  if (frame_count == 0) return;
  const Site site = tables_->sites.at(sample->site);
  FrameId frames[kMaxTraceback];
  std::copy_n(tables_->sites.frames(site), site.frame_count, frames);
  for (uint32_t i = 0; i < std::min(frame_count, site.frame_count); i++) {
    FrameKey key = tables_->frames.at(frames[i]).key;
    if ((key.flags & (kFrameApproximate | kFrameNative)) != 0) continue;
    key.flags |= kFrameApproximate;
    bool is_new = false;
    const FrameId id = tables_->frames.Intern(key, &is_new);
    if (is_new && resolver_ != nullptr) resolver_->ResolveLike(id, frames[i]);
    frames[i] = id;
  }
  MoveTo(sample, frames, site.frame_count, site.total_frames);
}

void AllocationHook::Settle(const Pending& pending) {
  Samples::Record* sample = pending.sample;
  const BlockMember member =
      FindBlockMember(&layout_, areas_, pending.block, pending.size, pending.place);
  // At the interval 1 what goes beyond the block counts by itself.
  const bool is_beyond = options_.sample_interval <= 1 &&
                         member.kind == BlockMember::Kind::kLater &&
                         member.share < static_cast<double>(member.size);
  switch (is_beyond ? BlockMember::Kind::kUnused : member.kind) {
    case BlockMember::Kind::kPart:
    case BlockMember::Kind::kMerged:
    case BlockMember::Kind::kLater: {
      Judge(pending, member);
      Recount(sample, sample->size / member.mean_size,
              SampleVariance(member.share, sample->size / member.share));
      return Watch(sample, member.address);
    }
    case BlockMember::Kind::kUnknown:
      losses_.unknown_members++;
      if (pending.code.place.is_compiled()) Approximate(sample, pending.code.frames);
      return Watch(sample, member.address);
    case BlockMember::Kind::kWhole:
      Judge(pending, member);
      return Watch(sample, member.address);
    case BlockMember::Kind::kUnused:
      losses_.unused_blocks++;
      Recount(sample, 0, 0);
      return RemoveSample(sample);
    case BlockMember::Kind::kNone:
      losses_.missing_objects++;
      return RemoveSample(sample);
  }
}

void AllocationHook::SettlePending() {
  if (pending_.empty()) return;
  const bool is_intact = !canary_.IsEmpty() && AddressOf(canary_) == canary_address_;
  canary_.Reset();
  for (const Pending& pending : pending_) {
    if (!is_intact) {
      losses_.missed_collections++;
      RemoveSample(pending.sample);
      continue;
    }
    try {
      Settle(pending);
    } catch (const std::bad_alloc&) {
      losses_.out_of_memory++;
      RemoveSample(pending.sample);
    }
  }
  pending_.clear();
  if (pending_.capacity() > kMaxIdlePending) GiveBackRoom(&pending_);
}

// A string that was flattened or made a property's name leaves nothing but a reference to the
// string with its characters. Collections of young objects put that in its place, with all handles
// on it, which then would count as alive what is gone, beside the samples of its successor.
void AllocationHook::SettleStrings(v8::GCType type) {
  constexpr uint32_t kCollectionsOfYouth = 2;
  const auto kept =
      std::remove_if(young_strings_.begin(), young_strings_.end(), [&](YoungString& string) {
        Samples::Record* sample = string.sample;
        if (string.is_replaceable && !sample->handle.IsEmpty() &&
            !layout_.IsReplaceableString(AddressOf(sample->handle))) {
          CountDeath(sample);
        }
        if (sample->handle.IsEmpty()) {
          samples_.Free(sample);
          return true;
        }
        if (type != v8::kGCTypeMarkSweepCompact && ++string.collections < kCollectionsOfYouth) {
          return false;
        }
        sample->handle.SetWeak(sample, OnDeath, v8::WeakCallbackType::kParameter);
        return true;
      });
  young_strings_.erase(kept, young_strings_.end());
  if (young_strings_.capacity() > kMaxIdlePending) GiveBackRoom(&young_strings_);
}

void AllocationHook::OnPrologue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* data) {
  auto* hook = static_cast<AllocationHook*>(data);
  hook->in_collection_ = true;
  hook->collections_++;
  if (type == v8::kGCTypeMarkSweepCompact) hook->full_collections_++;
  if (hook->is_lost_) return;
  if (!hook->swap_.IsInstalled()) return hook->NoticeLoss();
  hook->SettlePending();
  for (YoungString& string : hook->young_strings_) {
    const auto& handle = string.sample->handle;
    string.is_replaceable =
        !handle.IsEmpty() && hook->layout_.IsReplaceableString(AddressOf(handle));
  }
  if (type != v8::kGCTypeMarkSweepCompact) return;
  hook->layout_.ForgetMaps();
  if (hook->walker_ != nullptr) hook->walker_->CodeMayHaveMoved();
}

void AllocationHook::OnEpilogue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* data) {
  auto* hook = static_cast<AllocationHook*>(data);
  hook->in_collection_ = false;
  hook->SettleStrings(type);
  if (type == v8::kGCTypeMarkSweepCompact && hook->walker_ != nullptr) {
    hook->walker_->CodeMayHaveMoved();
  }
}

void AllocationHook::NoticeLoss() {
  is_lost_ = true;
  DropSamples();
}

void AllocationHook::DropSamples() {
  canary_.Reset();
  pending_.clear();
  GiveBackRoom(&pending_);
  young_strings_.clear();
  GiveBackRoom(&young_strings_);
  samples_.Clear();
  untyped_ = 0;
}

void AllocationHook::NameTypes() {
  if (untyped_ == 0) return;
  // Names are flat strings as a rule, but a collection may happen: samples die, pending ones come.
  samples_.ForEach([this](Samples::Record* sample) {
    if (sample->type != 0 || sample->handle.IsEmpty()) return;
    const v8::HandleScope scope(isolate_);
    const v8::Local<v8::Value> object = sample->handle.Get(isolate_);
    Refine(sample, object);
    const StringId type = types_.NameOf(object, isolate_, &tables_->strings);
    tables_->sites.AddTyped(sample->site, type, sample->size, sample->count);
    sample->type = type;
    untyped_--;
  });
}

void AllocationHook::RefreshCounters() {
  if (isolate_ == nullptr) return;
  if (!is_lost_ && !swap_.IsInstalled()) NoticeLoss();
  if (!is_lost_) SettlePending();
}

void AllocationHook::Refresh() {
  if (isolate_ == nullptr) return;
  RefreshCounters();
  if (!is_lost_) {
    if (resolver_ != nullptr) resolver_->ResolveNew();
    NameTypes();
  }
  if (resolver_ != nullptr) resolver_->ResolveNew();
}

// Where several literals share what the code tells of their position, the object tells which.
void AllocationHook::Refine(Samples::Record* sample, v8::Local<v8::Value> object) {
  const Site site = tables_->sites.at(sample->site);
  const FrameId innermost = tables_->sites.frames(site)[0];
  FrameId refined;
  if (resolver_ == nullptr || tables_->frames.at(innermost).key.bytecode == -1 ||
      !resolver_->Refine(innermost, object, &refined)) {
    return;
  }
  FrameId frames[kMaxTraceback];
  std::copy_n(tables_->sites.frames(site), site.frame_count, frames);
  frames[0] = refined;
  MoveTo(sample, frames, site.frame_count, site.total_frames);
}

// Scavenges try new objects only. What is put into old space right away (symbols, and by optimised
// code what tended to live long) waits for a full collection.
bool AllocationHook::IsNewborn(const Samples::Record& sample) const {
  return sample.born == (sample.is_old ? full_collections_ : collections_);
}

Status AllocationHook::FindNewborns(std::vector<Newborn>* newborns) {
  samples_.ForEach([&](Samples::Record* s) {
    if (!IsNewborn(*s)) return;
    newborns->push_back({s->site, s->type, s->size, s->count, s->variance, 1});
  });
  SumNewborns(newborns);
  return Status::Ok();
}

bool AllocationHook::SumElders(uint32_t batch, std::vector<double>* sizes) {
  sizes->resize(tables_->sites.size());
  samples_.ForEach([&](Samples::Record* sample) {
    if (sample->batch < batch) (*sizes)[sample->site] += sample->size;
  });
  return true;
}

bool AllocationHook::FindSite(v8::Local<v8::Value> object, SiteId* site) {
  // An array's elements are what is large about it, and often merged with it into one block.
  const bool has_parts = object->IsArray() && !AreShared(isolate_, object);
  const uintptr_t elements = has_parts ? ElementsOf(object) : 0;
  bool is_found = false;
  bool is_itself = false;
  samples_.ForEach([&](Samples::Record* sample) {
    if (is_itself || sample->handle.IsEmpty()) return;
    is_itself = sample->handle == object;
    if (!is_itself && AddressOf(sample->handle) != elements) return;
    *site = sample->site;
    is_found = true;
  });
  return is_found;
}

void AllocationHook::MarkFrames(std::vector<bool>* frames) { (*frames)[native_frame_] = true; }

void AllocationHook::MarkStrings(const std::vector<bool>&, std::vector<bool>* strings) {
  samples_.ForEach([&](Samples::Record* sample) { (*strings)[sample->type] = true; });
}

void AllocationHook::Renumber(const Renumbering& ids) noexcept {
  native_frame_ = ids.frames[native_frame_];
  samples_.ForEach([&](Samples::Record* sample) {
    sample->site = ids.sites[sample->site];
    sample->type = ids.strings[sample->type];
  });
}

void AllocationHook::VisitSamples(SampleVisitor visit, void* data) {
  samples_.ForEach([&](Samples::Record* sample) {
    if (sample->handle.IsEmpty()) return;
    visit(sample->handle.Get(isolate_), tables_->sites.at(sample->site), data);
  });
}

void AllocationHook::Forget() { DropSamples(); }

void AllocationHook::Resume() { InternLabels(); }

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
  if (walker_ != nullptr) walker_->Report(&report);
  return report;
}

size_t AllocationHook::MemoryUsage() const {
  return sizeof(*this) + samples_.MemoryUsage() + samples_.size() * kHandleSize +
         pending_.capacity() * sizeof(Pending) + young_strings_.capacity() * sizeof(YoungString);
}

}  // namespace tracemalloc

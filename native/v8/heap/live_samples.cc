// SPDX-License-Identifier: MIT
#include "v8/heap/live_samples.h"

#include <algorithm>
#include <utility>

#include "core/vector_room.h"
#include "layout/heap_view.h"
#include "v8/clocks.h"
#include "v8/heap/sample_places.h"
#include "v8/names/pinned_object.h"

namespace tracemalloc {
namespace {

constexpr size_t kHandleSize = 32;           // V8's memory for a weak handle
constexpr size_t kMaxIdleStrings = 1 << 14;  // records kept between collections

// In every JSObject, the elements are behind the map and the properties.
uintptr_t ElementsOf(v8::Local<v8::Value> array) {
  constexpr size_t kElementsWord = 2;
  const uintptr_t address = TaggedAddressOf(array) - 1;
  return reinterpret_cast<const uintptr_t*>(address)[kElementsWord] - 1;
}

// Whether the elements are shared with the literal's description, which V8 copies once they change.
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

void LiveSamples::Start(v8::Isolate* isolate, Tables* tables) {
  isolate_ = isolate;
  tables_ = tables;
}

HeapSample* LiveSamples::Add(SiteId site, const SampleFigures& figures, double picked,
                             bool is_old) {
  HeapSample* sample = samples_.New({figures.size,
                                     {},
                                     site,
                                     0,
                                     static_cast<float>(figures.count),
                                     static_cast<float>(figures.variance),
                                     static_cast<float>(picked),
                                     is_old ? full_collections_ : collections_,
                                     tables_->batch,
                                     BirthTimeAt(MonotonicSeconds()),
                                     is_old,
                                     false});
  if (sample == nullptr) return nullptr;
  tables_->sites.Add(site, sample->size, sample->count, sample->variance);
  return sample;
}

void LiveSamples::Watch(HeapSample* sample, uintptr_t object) {
  const bool is_string = layout_->IsString(object);
  if (is_string) MakeRoom(&young_strings_, 1);
  sample->handle = Pin(isolate_, object | 1);
  sample->handle.SetWeak(sample, is_string ? OnStringDeath : OnDeath,
                         v8::WeakCallbackType::kParameter);
  if (is_string) young_strings_.push_back({sample, 0, false});
  sample->is_listed = is_string;
  untyped_++;
}

void LiveSamples::OnDeath(const v8::WeakCallbackInfo<HeapSample>& info) {
  HeapSample* sample = info.GetParameter();
  auto* samples = static_cast<LiveSamples*>(SampleTable<SampleHandle>::OwnerOf(sample));
  samples->CountDeath(sample);
  samples->samples_.Free(sample);
}

void LiveSamples::OnStringDeath(const v8::WeakCallbackInfo<HeapSample>& info) {
  HeapSample* sample = info.GetParameter();
  static_cast<LiveSamples*>(SampleTable<SampleHandle>::OwnerOf(sample))->CountDeath(sample);
}

void LiveSamples::CountDeath(HeapSample* sample) {
  if (sample->type == 0) {
    untyped_--;
  } else {
    tables_->sites.AddTyped(sample->site, sample->type, -sample->size, -sample->count);
  }
  sample->handle.Reset();
  tables_->sites.Remove(sample->site, sample->size, sample->count, sample->variance);
}

void LiveSamples::Remove(HeapSample* sample) {
  tables_->sites.Remove(sample->site, sample->size, sample->count, sample->variance);
  samples_.Free(sample);
}

void LiveSamples::Recount(HeapSample* sample, double count, double variance) {
  const float old_count = sample->count;
  const float old_variance = sample->variance;
  sample->count = static_cast<float>(count);
  sample->variance = static_cast<float>(variance);
  tables_->sites.Recount(sample->site, sample->count - old_count, sample->variance - old_variance);
}

void LiveSamples::Drop() {
  young_strings_.clear();
  GiveBackRoom(&young_strings_);
  samples_.Clear();
  untyped_ = 0;
}

void LiveSamples::CollectionBegins(v8::GCType type) {
  collections_++;
  if (type == v8::kGCTypeMarkSweepCompact) full_collections_++;
}

void LiveSamples::ThinOut(Sampler* chance) {
  // A visitor may allocate on V8's heap, and this collection interrupts it: its sample must stay.
  if (samples_.size() <= kMostLiveSamples || samples_.is_visited()) return;
  ThinningInterval all;
  samples_.ForEach([&](HeapSample* sample) { all.Count(sample->size); });
  const double interval = all.ThatLeaves(kMostLiveSamples * kShareLeft);
  samples_.ForEach([&](HeapSample* sample) {
    if (!sample->handle.IsEmpty()) ThinOne(sample, interval, chance->NextUniform());
  });
  tables_->sites.UpdatePeak();
}

void LiveSamples::ThinOne(HeapSample* sample, double interval, double chance) {
  const SampleFigures before{sample->size, sample->count, sample->variance};
  SampleFigures after = before;
  if (!Thin(sample->picked, interval, chance, &after)) {
    thinned_out_++;
    CountDeath(sample);
    if (!sample->is_listed) samples_.Free(sample);
    return;
  }
  sample->size = after.size;
  sample->count = static_cast<float>(after.count);
  sample->variance = static_cast<float>(after.variance);
  const double size = sample->size - before.size;
  const double count = sample->count - before.count;
  tables_->sites.Reweigh(sample->site, size, count, sample->variance - before.variance);
  if (sample->type != 0) tables_->sites.AddTyped(sample->site, sample->type, size, count);
}

void LiveSamples::LookAtStrings() {
  for (YoungString& string : young_strings_) {
    const SampleHandle& handle = string.sample->handle;
    string.is_replaceable = !handle.IsEmpty() && layout_->IsReplaceableString(AddressOf(handle));
  }
}

// A string that was flattened or made a property's name becomes a mere reference to another string
// with its characters. Collections of young objects replace the reference by that string, also in
// all handles on it: the sample of the vanished string would then count as alive, in addition to
// those of its successor.
void LiveSamples::SettleStrings(v8::GCType type) {
  constexpr uint32_t kCollectionsOfYouth = 2;
  const auto kept =
      std::remove_if(young_strings_.begin(), young_strings_.end(), [&](YoungString& string) {
        HeapSample* sample = string.sample;
        if (string.is_replaceable && !sample->handle.IsEmpty() &&
            !layout_->IsReplaceableString(AddressOf(sample->handle))) {
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
        sample->is_listed = false;
        return true;
      });
  young_strings_.erase(kept, young_strings_.end());
  if (young_strings_.capacity() > kMaxIdleStrings) GiveBackRoom(&young_strings_);
}

void LiveSamples::NameTypes(SamplePlaces* places) {
  if (untyped_ == 0) return;
  // Naming rarely allocates, as names are usually flat strings; but a collection may happen, in
  // which samples die and pending ones are added.
  samples_.ForEach([&](HeapSample* sample) {
    if (sample->type != 0 || sample->handle.IsEmpty()) return;
    const v8::HandleScope scope(isolate_);
    const v8::Local<v8::Value> object = sample->handle.Get(isolate_);
    places->Refine(sample, object);
    const StringId type = types_.NameOf(object, isolate_, &tables_->strings);
    tables_->sites.AddTyped(sample->site, type, sample->size, sample->count);
    sample->type = type;
    untyped_--;
  });
}

// Scavenges check new objects only. Objects that are allocated in old space (symbols, and those of
// optimised code that tended to live long) are not checked before a full collection.
uint32_t LiveSamples::CollectionsOf(const HeapSample& sample) const {
  return (sample.is_old ? full_collections_ : collections_) - sample.born;
}

void LiveSamples::AppendLeftOut(const Ages& ages, std::vector<LeftOut>* rows) {
  samples_.ForEach([&](HeapSample* s) {
    if (ages.Show(s->batch) && !(ages.leave_out_newborns && IsNewborn(*s))) return;
    rows->push_back({s->site, s->type, s->size, s->count, s->variance, 1});
  });
}

void LiveSamples::SumAges(const Ages& ages, std::vector<SiteAges>* sums) {
  const double now = MonotonicSeconds();
  sums->resize(tables_->sites.size());
  samples_.ForEach([&](HeapSample* s) {
    const uint32_t collections = CollectionsOf(*s);
    if (!ages.Show(s->batch) || (ages.leave_out_newborns && collections == 0)) return;
    (*sums)[s->site].Add(
        {s->size, s->variance, AgeAt(now, s->birth_time), static_cast<double>(collections)});
  });
}

bool LiveSamples::FindSite(v8::Local<v8::Value> object, SiteId* site) {
  // Most of a large array is its elements, which are often merged with it into one block.
  const bool has_parts = object->IsArray() && !AreShared(isolate_, object);
  const uintptr_t elements = has_parts ? ElementsOf(object) : 0;
  bool is_found = false;
  bool is_itself = false;
  samples_.ForEach([&](HeapSample* sample) {
    if (is_itself || sample->handle.IsEmpty()) return;
    is_itself = sample->handle == object;
    if (!is_itself && AddressOf(sample->handle) != elements) return;
    *site = sample->site;
    is_found = true;
  });
  return is_found;
}

void LiveSamples::AppendAddresses(const std::vector<bool>& sites, std::vector<uintptr_t>* objects) {
  samples_.ForEach([&](HeapSample* sample) {
    if (sample->handle.IsEmpty() || IsNewborn(*sample) || sample->site >= sites.size()) return;
    if (sites[sample->site]) objects->push_back(AddressOf(sample->handle) | 1);
  });
}

void LiveSamples::Visit(Visitor visit, void* data) {
  samples_.ForEach([&](HeapSample* sample) {
    if (sample->handle.IsEmpty()) return;
    visit(sample->handle.Get(isolate_), tables_->sites.at(sample->site), data);
  });
}

void LiveSamples::MarkStrings(std::vector<bool>* strings) {
  samples_.ForEach([&](HeapSample* sample) { (*strings)[sample->type] = true; });
}

void LiveSamples::Renumber(const Renumbering& ids) noexcept {
  samples_.ForEach([&](HeapSample* sample) {
    sample->site = ids.sites[sample->site];
    sample->type = ids.strings[sample->type];
  });
}

size_t LiveSamples::MemoryUsage() const {
  return samples_.MemoryUsage() + samples_.size() * kHandleSize +
         young_strings_.capacity() * sizeof(YoungString);
}

}  // namespace tracemalloc

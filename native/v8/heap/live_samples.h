// SPDX-License-Identifier: MIT
// The allocation hook's samples from birth to death. Sites count both: a death, in the first-pass
// callback of the weak handle on the sample's object, subtracts what the birth added.
#ifndef TRACEMALLOC_V8_HEAP_LIVE_SAMPLES_H_
#define TRACEMALLOC_V8_HEAP_LIVE_SAMPLES_H_

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/left_out.h"
#include "core/renumbering.h"
#include "core/sample_table.h"
#include "core/sampler.h"
#include "core/site_ages.h"
#include "core/tables.h"
#include "core/thinning.h"
#include "layout/object_layout.h"
#include "v8/names/object_type.h"

namespace tracemalloc {

class SamplePlaces;

using SampleHandle = v8::Global<v8::Value>;
using HeapSample = SampleTable<SampleHandle>::Record;
static_assert(sizeof(HeapSample) == 48, "there may be tens of thousands");

class LiveSamples {
 public:
  // `layout` outlives it.
  explicit LiveSamples(ObjectLayout* layout) : layout_(layout), samples_(this) {}
  LiveSamples(const LiveSamples&) = delete;
  LiveSamples& operator=(const LiveSamples&) = delete;

  void Start(v8::Isolate* isolate, Tables* tables);

  // Counts the birth of what a sample stands for. `picked`: the bytes by which it was picked. Null:
  // out of memory.
  HeapSample* Add(SiteId site, const SampleFigures& figures, double picked, bool is_old);
  // From now on the sample follows `object`, which must be initialised.
  void Watch(HeapSample* sample, uintptr_t object);
  // Undoes Add, before the sample is watched.
  void Remove(HeapSample* sample);
  void Recount(HeapSample* sample, double count, double variance);
  // Forgets all samples without counting their deaths.
  void Drop();

  // To be called in the prologue: CollectionBegins before the samples of pending blocks are
  // watched, LookAtStrings after it.
  void CollectionBegins(v8::GCType type);
  void LookAtStrings();
  // To be called in the prologue, between these: if there are more than kMostLiveSamples, drops
  // some of them, see core/thinning.h.
  void ThinOut(Sampler* chance);
  // To be called in the epilogue.
  void SettleStrings(v8::GCType type);

  // Determines the objects' types, at a safe point; `places` refines their samples' sites by the
  // same objects.
  void NameTypes(SamplePlaces* places);

  void AppendLeftOut(const Ages& ages, std::vector<LeftOut>* rows);
  // Adds up the ages of those that `ages` shows, by site.
  void SumAges(const Ages& ages, std::vector<SiteAges>* sums);
  // The site of the object or, if it is an array, of its elements.
  bool FindSite(v8::Local<v8::Value> object, SiteId* site);
  void AppendAddresses(const std::vector<bool>& sites, std::vector<uintptr_t>* objects);
  using Visitor = void (*)(v8::Local<v8::Value> object, const Site& site, void* data);
  void Visit(Visitor visit, void* data);

  void MarkStrings(std::vector<bool>* strings);
  void Renumber(const Renumbering& ids) noexcept;
  size_t MemoryUsage() const;  // beyond itself
  uint64_t thinned_out() const { return thinned_out_; }

 private:
  // A sample of a string that a collection may replace by another string.
  struct YoungString {
    HeapSample* sample;    // if it has no handle, it is dead and to be freed
    uint32_t collections;  // collections survived
    bool is_replaceable;   // at the beginning of the collection
  };

  static void OnDeath(const v8::WeakCallbackInfo<HeapSample>& info);
  static void OnStringDeath(const v8::WeakCallbackInfo<HeapSample>& info);
  void CountDeath(HeapSample* sample);
  void ThinOne(HeapSample* sample, double interval, double chance);
  // The number of collections that it has survived.
  uint32_t CollectionsOf(const HeapSample& sample) const;
  bool IsNewborn(const HeapSample& sample) const { return CollectionsOf(sample) == 0; }

  ObjectLayout* layout_;
  v8::Isolate* isolate_ = nullptr;
  Tables* tables_ = nullptr;
  ObjectTypes types_;
  SampleTable<SampleHandle> samples_;
  std::vector<YoungString> young_strings_;
  uint64_t thinned_out_ = 0;
  size_t untyped_ = 0;             // watched samples whose types are not named yet
  uint32_t collections_ = 0;       // number that have begun
  uint32_t full_collections_ = 0;  // of both generations
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_HEAP_LIVE_SAMPLES_H_

// SPDX-License-Identifier: MIT
// The allocation hook's samples from birth to death. Sites count both: a death, in the first-pass
// callback of the weak handle on the sample's object, takes what the birth added.
#ifndef TRACEMALLOC_V8_HEAP_LIVE_SAMPLES_H_
#define TRACEMALLOC_V8_HEAP_LIVE_SAMPLES_H_

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/newborn.h"
#include "core/renumbering.h"
#include "core/sample_table.h"
#include "core/tables.h"
#include "layout/object_layout.h"
#include "v8/names/object_type.h"

namespace tracemalloc {

class SamplePlaces;

using SampleHandle = v8::Global<v8::Value>;
using HeapSample = SampleTable<SampleHandle>::Record;

class LiveSamples {
 public:
  // `layout` outlives it.
  explicit LiveSamples(ObjectLayout* layout) : layout_(layout), samples_(this) {}
  LiveSamples(const LiveSamples&) = delete;
  LiveSamples& operator=(const LiveSamples&) = delete;

  void Start(v8::Isolate* isolate, Tables* tables);

  // A birth, of `count` objects of `size` bytes together. Null: out of memory.
  HeapSample* Add(SiteId site, double size, double count, double variance, bool is_old);
  // From now on `object`, which is initialised, is what the sample follows.
  void Watch(HeapSample* sample, uintptr_t object);
  // As if it had not been born; before it is watched.
  void Remove(HeapSample* sample);
  void Recount(HeapSample* sample, double count, double variance);
  // Forgets all samples without counting their deaths.
  void Drop();

  // In the prologue, before the samples of pending blocks are watched and after it.
  void CollectionBegins(v8::GCType type);
  void LookAtStrings();
  // In the epilogue.
  void SettleStrings(v8::GCType type);

  // At a safe point. By the same objects `places` refines where they were made.
  void NameTypes(SamplePlaces* places);

  void AppendNewborns(std::vector<Newborn>* newborns);
  void SumElders(uint32_t batch, std::vector<double>* sizes);
  // Of the object, or if it is an array of its elements.
  bool FindSite(v8::Local<v8::Value> object, SiteId* site);
  using Visitor = void (*)(v8::Local<v8::Value> object, const Site& site, void* data);
  void Visit(Visitor visit, void* data);

  void MarkStrings(std::vector<bool>* strings);
  void Renumber(const Renumbering& ids) noexcept;
  size_t MemoryUsage() const;  // beyond itself

 private:
  // A sample of a string that collections may put another string in the place of.
  struct YoungString {
    HeapSample* sample;    // without a handle: dead, and to be freed
    uint32_t collections;  // survived
    bool is_replaceable;   // when the collection began
  };

  static void OnDeath(const v8::WeakCallbackInfo<HeapSample>& info);
  static void OnStringDeath(const v8::WeakCallbackInfo<HeapSample>& info);
  void CountDeath(HeapSample* sample);
  bool IsNewborn(const HeapSample& sample) const;

  ObjectLayout* layout_;
  v8::Isolate* isolate_ = nullptr;
  Tables* tables_ = nullptr;
  ObjectTypes types_;
  SampleTable<SampleHandle> samples_;
  std::vector<YoungString> young_strings_;
  size_t untyped_ = 0;             // watched samples whose type nobody has asked for
  uint32_t collections_ = 0;       // that have begun
  uint32_t full_collections_ = 0;  // those of both generations
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_HEAP_LIVE_SAMPLES_H_

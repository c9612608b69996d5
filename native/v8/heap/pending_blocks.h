// SPDX-License-Identifier: MIT
// Blocks that V8 has reported, whose objects did not exist yet at that time. When the next
// collection begins they do: the object of the block's sample is picked, its place is checked, and
// it is watched from then on.
//
// While a block is pending only its address is known, so every collection must be noticed. V8 calls
// no GC callbacks for one that starts inside another addon's GC callback: a canary (a weak handle
// on the first pending block) detects it.
#ifndef TRACEMALLOC_V8_HEAP_PENDING_BLOCKS_H_
#define TRACEMALLOC_V8_HEAP_PENDING_BLOCKS_H_

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/sample_points.h"
#include "core/vector_room.h"
#include "layout/block_member.h"
#include "layout/frames/code_place.h"
#include "layout/object_layout.h"
#include "v8/heap/live_samples.h"
#include "v8/heap/losses.h"
#include "v8/heap/sample_places.h"

namespace tracemalloc {

struct PendingBlock {
  uintptr_t address;
  size_t size;
  SamplePlace place;
  HeapSample* sample;
  AllocatingCode code;
};

class PendingBlocks {
 public:
  // All outlive it.
  PendingBlocks(ObjectLayout* layout, const AllocationAreas* areas, LiveSamples* samples,
                SamplePlaces* places, Losses* losses)
      : layout_(layout), areas_(areas), samples_(samples), places_(places), losses_(losses) {}

  // `is_exact`: every object is a sample of its own.
  void Start(v8::Isolate* isolate, bool is_exact) {
    isolate_ = isolate;
    is_exact_ = is_exact;
  }

  // Room for one more, so that Add needs no memory.
  void Reserve() { MakeRoom(&blocks_, 1); }
  void Add(const PendingBlock& block);
  // At the beginning of a collection, or for a reader of the counters.
  void Settle();
  void Drop();
  size_t MemoryUsage() const { return blocks_.capacity() * sizeof(PendingBlock); }

 private:
  void SettleOne(const PendingBlock& block);

  ObjectLayout* layout_;
  const AllocationAreas* areas_;
  LiveSamples* samples_;
  SamplePlaces* places_;
  Losses* losses_;
  v8::Isolate* isolate_ = nullptr;
  bool is_exact_ = false;
  std::vector<PendingBlock> blocks_;
  SampleHandle canary_;
  uintptr_t canary_address_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_HEAP_PENDING_BLOCKS_H_

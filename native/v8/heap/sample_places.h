// SPDX-License-Identifier: MIT
// Corrects the place of a sample by its object: moves the sample to the right site, or to one with
// the same frames marked approximate.
#ifndef TRACEMALLOC_V8_HEAP_SAMPLE_PLACES_H_
#define TRACEMALLOC_V8_HEAP_SAMPLE_PLACES_H_

#include <v8.h>

#include <cstdint>

#include "core/tables.h"
#include "layout/block_member.h"
#include "v8/engine.h"
#include "v8/heap/live_samples.h"
#include "v8/heap/losses.h"
#include "v8/names/frame_resolver.h"
#include "v8/walker/stack_walker.h"

namespace tracemalloc {

class SamplePlaces {
 public:
  // All outlive it; there may be no walker and no resolver.
  SamplePlaces(StackWalker* walker, FrameResolver* resolver, Losses* losses)
      : walker_(walker), resolver_(resolver), losses_(losses) {}

  void Start(uint32_t traceback_limit, Tables* tables) {
    traceback_limit_ = traceback_limit;
    tables_ = tables;
  }

  // In the prologue of the first collection: checks the place by the member of the block that the
  // sample follows.
  void Judge(HeapSample* sample, const AllocatingCode& code, uintptr_t block,
             const BlockMember& member);
  // Marks that many of the sample's innermost frames approximate.
  void Approximate(HeapSample* sample, uint32_t frame_count);
  // At a safe point: if several literals have the same told position, the object shows which one
  // made it.
  void Refine(HeapSample* sample, v8::Local<v8::Value> object);

 private:
  void MoveTo(HeapSample* sample, const FrameId* frames, uint32_t count, uint32_t total);

  StackWalker* walker_;
  FrameResolver* resolver_;
  Losses* losses_;
  uint32_t traceback_limit_ = 0;
  Tables* tables_ = nullptr;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_HEAP_SAMPLE_PLACES_H_

// SPDX-License-Identifier: MIT
// The start gate of the allocation hook: with every block reported, it allocates a few objects of
// known size and requires that the reports agree with them. What can be learnt only from live
// objects (the types of fillers, where V8 keeps the top of its allocation area) is learnt here.
#ifndef TRACEMALLOC_V8_HEAP_HOOK_REHEARSAL_H_
#define TRACEMALLOC_V8_HEAP_HOOK_REHEARSAL_H_

#include <v8.h>

#include <cstddef>
#include <cstdint>

#include "core/sample_points.h"
#include "core/status.h"
#include "layout/block_member.h"
#include "layout/object_layout.h"
#include "v8/heap/observer_swap.h"

namespace tracemalloc {

class HookRehearsal : public BlockListener {
 public:
  HookRehearsal(SamplePoints* points, ObjectLayout* layout) : points_(points), layout_(layout) {}

  // The observer must report to this object. kUnsupportedPlatform if a report is wrong or missing.
  Status Run(v8::Isolate* isolate, AllocationAreas* areas);

  void OnBlock(int64_t bytes_since_last, uintptr_t address, size_t size) override;
  int64_t NextDistance() override;

 private:
  // Allocates a string of `size` bytes; returns its address, or 0 if it was not reported.
  uintptr_t AllocateString(v8::Isolate* isolate, size_t size);

  SamplePoints* points_;
  ObjectLayout* layout_;
  uintptr_t address_ = 0;  // of the last block
  size_t size_ = 0;
  uint32_t blocks_ = 0;
  uint32_t distances_ = 0;
  bool is_starved_ = false;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_HEAP_HOOK_REHEARSAL_H_

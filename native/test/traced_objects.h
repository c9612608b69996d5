// SPDX-License-Identifier: MIT
// Test only. The allocation hook with access to each live sample: its object, and the positions
// that it is attributed to.
#ifndef TRACEMALLOC_TEST_TRACED_OBJECTS_H_
#define TRACEMALLOC_TEST_TRACED_OBJECTS_H_

#include <v8.h>

#include <memory>

#include "core/tables.h"
#include "v8/heap/allocation_hook.h"
#include "v8/labels/current_labels.h"
#include "v8/names/frame_resolver.h"
#include "v8/walker/stack_walker.h"

namespace tracemalloc {

class TracedObjects {
 public:
  explicit TracedObjects(v8::Isolate* isolate) : isolate_(isolate), labels_(isolate) {}
  ~TracedObjects() { Stop(); }

  // `place` is the function of src/literals/place.ts.
  Status Start(double sample_interval, v8::Local<v8::Function> place);
  void Stop();
  // [index in `kept`, filename, line, caller's line, flags of both frames, ...] of every live
  // sample with two frames of an object in `kept`. Other objects are not accessed: V8's internal
  // ones are no JavaScript values.
  v8::Local<v8::Array> Judge(v8::Local<v8::Array> kept);

 private:
  v8::Isolate* isolate_;
  CurrentLabels labels_;
  Tables tables_;
  IntervalController interval_ = IntervalController::Fixed(1, 0);
  std::unique_ptr<FrameResolver> resolver_;
  std::unique_ptr<StackWalker> walker_;
  std::unique_ptr<AllocationHook> hook_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_TEST_TRACED_OBJECTS_H_

// SPDX-License-Identifier: MIT
// Calls back where V8 can be called freely, but for running JavaScript: V8's interrupts, which come
// at a loop's end or a function's start.
#ifndef TRACEMALLOC_V8_WALKER_SAFE_POINT_H_
#define TRACEMALLOC_V8_WALKER_SAFE_POINT_H_

#include <v8.h>

#include <cstdint>

namespace tracemalloc {

class SafePoint {
 public:
  using Callback = void (*)(void* data);

  SafePoint(v8::Isolate* isolate, Callback callback, void* data);
  ~SafePoint();
  SafePoint(const SafePoint&) = delete;
  SafePoint& operator=(const SafePoint&) = delete;

  // Calls back once, however often it is asked until then. Safe in the hook, and in a collection.
  void Ask();

 private:
  static void OnInterrupt(v8::Isolate* isolate, void* name);

  v8::Isolate* isolate_;
  Callback callback_;
  void* data_;
  const uintptr_t name_;  // what V8 hands back: it may call when we are gone, or never
  bool is_asked_ = false;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_WALKER_SAFE_POINT_H_

// SPDX-License-Identifier: MIT
// Calls back at V8's interrupts, at a loop's end or a function's start, where all of V8's API may
// be used except to run JavaScript.
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

  // Requests one callback, however often it is called before that. Safe in the hook, and in a
  // collection.
  void Ask();

 private:
  static void OnInterrupt(v8::Isolate* isolate, void* name);

  v8::Isolate* isolate_;
  Callback callback_;
  void* data_;
  const uintptr_t name_;  // passed to V8, which may call back after our destruction, or never
  bool is_asked_ = false;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_WALKER_SAFE_POINT_H_

// SPDX-License-Identifier: MIT
// Calls a JavaScript function of another thread of the process in the middle of what that thread is
// doing: one that waits (Atomics.wait) or computes takes no messages. V8 wakes a waiting thread for
// an interrupt (FutexEmulation::WaitSync in src/execution/futex-emulation.cc at 11.3 to 14.6).
#ifndef TRACEMALLOC_NAPI_KNOCKS_H_
#define TRACEMALLOC_NAPI_KNOCKS_H_

#include <napi.h>

namespace tracemalloc {

// See src/addon/binding.ts.
Napi::Value OnKnock(const Napi::CallbackInfo& info);
Napi::Value Knock(const Napi::CallbackInfo& info);

// At each thread that listens; on any thread.
void KnockAtAll();

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_KNOCKS_H_

// SPDX-License-Identifier: MIT
// Lets JavaScript say its last words before a signal ends the process: between two turns of the
// event loop, or in the middle of a function that does not return. For the main thread only.
#ifndef TRACEMALLOC_NAPI_HELD_SIGNALS_H_
#define TRACEMALLOC_NAPI_HELD_SIGNALS_H_

#include <napi.h>

namespace tracemalloc {

// See src/addon/binding.ts.
Napi::Value OnHeldSignal(const Napi::CallbackInfo& info);
Napi::Value HoldSignal(const Napi::CallbackInfo& info);
Napi::Value ReleaseSignals(const Napi::CallbackInfo& info);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_HELD_SIGNALS_H_

// SPDX-License-Identifier: MIT
// Lets JavaScript say its last words before a signal ends the process: between two turns of the
// event loop, or in the middle of a function that does not return. Of the main thread.
#ifndef TRACEMALLOC_NAPI_HELD_SIGNALS_H_
#define TRACEMALLOC_NAPI_HELD_SIGNALS_H_

#include <node_api.h>

namespace tracemalloc {

// See src/addon/binding.ts.
napi_value OnHeldSignal(napi_env env, napi_callback_info info);
napi_value HoldSignal(napi_env env, napi_callback_info info);
napi_value ReleaseSignals(napi_env env, napi_callback_info info);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_HELD_SIGNALS_H_

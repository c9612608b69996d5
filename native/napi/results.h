// SPDX-License-Identifier: MIT
// Results for JavaScript: bytes, and errors with a code.
#ifndef TRACEMALLOC_NAPI_RESULTS_H_
#define TRACEMALLOC_NAPI_RESULTS_H_

#include <napi.h>

#include <cstddef>

#include "core/status.h"

namespace tracemalloc {

// To be thrown: an Error whose `code` is the status's name.
Napi::Error ToError(Napi::Env env, const Status& status);

void ThrowIfFailed(Napi::Env env, const Status& status);

Napi::ArrayBuffer CopyBytes(Napi::Env env, const void* bytes, size_t size);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_RESULTS_H_

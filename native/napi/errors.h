// SPDX-License-Identifier: MIT
// How what fails gets to JavaScript: as an Error with a code.
#ifndef TRACEMALLOC_NAPI_ERRORS_H_
#define TRACEMALLOC_NAPI_ERRORS_H_

#include <napi.h>

#include <new>

#include "core/status.h"

namespace tracemalloc {

inline Napi::Error ErrorOf(Napi::Env env, const Status& status) {
  Napi::Error error = Napi::Error::New(env, status.message);
  error.Set("code", StatusCodeName(status.code));
  return error;
}

inline void ThrowUnlessOk(Napi::Env env, const Status& status) {
  if (!status.ok()) throw ErrorOf(env, status);
}

// For what is called with arguments that it does not take.
inline Napi::Error UsageError(Napi::Env env, const char* usage) {
  return ErrorOf(env, Status::Error(StatusCode::kInvalidArgument, usage));
}

// No exception but Napi's may get to Node, which is compiled without them.
template <typename Call>
auto Guarded(Napi::Env env, Call call) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    throw ErrorOf(env, Status::OutOfMemory());
  }
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_ERRORS_H_

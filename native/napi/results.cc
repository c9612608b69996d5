// SPDX-License-Identifier: MIT
#include "napi/results.h"

#include <cstring>

namespace tracemalloc {

Napi::Error ToError(Napi::Env env, const Status& status) {
  const Napi::Error error = Napi::Error::New(env, status.message);
  error.Value().Set("code", StatusCodeName(status.code));
  return error;
}

void ThrowIfFailed(Napi::Env env, const Status& status) {
  if (!status.ok()) throw ToError(env, status);
}

Napi::ArrayBuffer CopyBytes(Napi::Env env, const void* bytes, size_t size) {
  auto buffer = Napi::ArrayBuffer::New(env, size);
  if (size > 0) std::memcpy(buffer.Data(), bytes, size);
  return buffer;
}

}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
// A napi_value is a Local of V8 under another name.
#ifndef TRACEMALLOC_NAPI_LOCALS_H_
#define TRACEMALLOC_NAPI_LOCALS_H_

#include <napi.h>
#include <v8.h>

#include <cstring>

namespace tracemalloc {

template <typename T>
v8::Local<T> LocalOf(napi_value value) {
  v8::Local<T> local;
  static_assert(sizeof(local) == sizeof(napi_value), "a napi_value is a Local");
  std::memcpy(static_cast<void*>(&local), static_cast<const void*>(&value), sizeof(local));
  return local;
}

// Undefined for an empty one.
template <typename T>
Napi::Value ValueOf(Napi::Env env, v8::Local<T> local) {
  if (local.IsEmpty()) return env.Undefined();
  napi_value value;
  static_assert(sizeof(local) == sizeof(napi_value), "a napi_value is a Local");
  std::memcpy(static_cast<void*>(&value), static_cast<const void*>(&local), sizeof(local));
  return Napi::Value(env, value);
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_LOCALS_H_

// SPDX-License-Identifier: MIT
// The outcome of an operation that can fail. Native code neither throws nor prints: it returns a
// Status, and the boundary to JavaScript (napi/results.h) throws an error whose `code` is
// StatusCodeName(). The one exception is std::bad_alloc of the standard containers: functions that
// V8 or Node call catch it, and tables stay unchanged or are in the intended state.
#ifndef TRACEMALLOC_CORE_STATUS_H_
#define TRACEMALLOC_CORE_STATUS_H_

#include <string>
#include <utility>

namespace tracemalloc {

enum class StatusCode {
  kOk,
  kInvalidArgument,       // a bug of the caller: TypeScript validates before it calls
  kBusy,                  // called from inside the tracer's own work
  kNotTracing,            // only possible while tracing
  kSamplerInUse,          // another V8 sampler runs in this isolate
  kUnsupportedPlatform,   // this V8 can't be traced with the requested precision
  kUnsupportedPrecision,  // not possible with the current precision
  kOutOfMemory,
};

struct Status {
  StatusCode code = StatusCode::kOk;
  std::string message;

  bool ok() const { return code == StatusCode::kOk; }
  static Status Ok() { return {}; }
  // Allocates nothing.
  static Status OutOfMemory() { return {StatusCode::kOutOfMemory, "no memory left"}; }
  static Status Error(StatusCode code, std::string message) { return {code, std::move(message)}; }
};

inline const char* StatusCodeName(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "OK";
    case StatusCode::kInvalidArgument:
      return "ERR_INVALID_ARGUMENT";
    case StatusCode::kBusy:
      return "ERR_BUSY";
    case StatusCode::kNotTracing:
      return "ERR_NOT_TRACING";
    case StatusCode::kSamplerInUse:
      return "ERR_SAMPLER_IN_USE";
    case StatusCode::kUnsupportedPlatform:
      return "ERR_UNSUPPORTED_PLATFORM";
    case StatusCode::kUnsupportedPrecision:
      return "ERR_UNSUPPORTED_PRECISION";
    case StatusCode::kOutOfMemory:
      return "ERR_OUT_OF_MEMORY";
  }
  return "ERR_INTERNAL";
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_STATUS_H_

// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_NAPI_MOMENT_H_
#define TRACEMALLOC_NAPI_MOMENT_H_

#include <v8.h>

#include <string>

namespace tracemalloc {

// Whether our JavaScript must not be called at this interrupt. In the middle of our own code, our
// data may be incomplete; while Node loads its modules, one that we need may be. `own`: prefix of
// the names of our own scripts; empty: not known.
bool IsBadMoment(v8::Isolate* isolate, const std::string& own);

// Whether the innermost function is Node's. Its functions return results in arrays that all calls
// share (of stat, of URL), and the callers read them only after the next function was entered, so
// none of them may be called in between by code after which the program goes on.
bool IsInNode(v8::Isolate* isolate);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_MOMENT_H_

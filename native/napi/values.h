// SPDX-License-Identifier: MIT
// Node-API's values to C++'s and back. What creates answers null with an exception pending; what
// reads answers false, and the caller says what it wanted.
#ifndef TRACEMALLOC_NAPI_VALUES_H_
#define TRACEMALLOC_NAPI_VALUES_H_

#include <node_api.h>

#include <cstddef>
#include <string>

#include "core/status.h"

namespace tracemalloc {

void Throw(napi_env env, const Status& status);

napi_value Number(napi_env env, double number);
napi_value String(napi_env env, const std::string& text);
napi_value Boolean(napi_env env, bool flag);
// An ArrayBuffer.
napi_value Copy(napi_env env, const void* bytes, size_t size);

// The first one.
bool GetArgument(napi_env env, napi_callback_info info, napi_value* argument);
bool GetText(napi_env env, napi_value value, std::string* text);

// They read a property. False: it is not there, or of another type.
bool GetNumber(napi_env env, napi_value object, const char* name, double* number);
bool GetText(napi_env env, napi_value object, const char* name, std::string* text);
bool GetBoolean(napi_env env, napi_value object, const char* name, bool* flag);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_VALUES_H_

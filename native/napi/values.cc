// SPDX-License-Identifier: MIT
#include "napi/values.h"

#include <cstring>

namespace tracemalloc {

void Throw(napi_env env, const Status& status) {
  napi_throw_error(env, StatusCodeName(status.code), status.message.c_str());
}

napi_value Number(napi_env env, double number) {
  napi_value value = nullptr;
  napi_create_double(env, number, &value);
  return value;
}

napi_value String(napi_env env, const std::string& text) {
  napi_value value = nullptr;
  napi_create_string_utf8(env, text.data(), text.size(), &value);
  return value;
}

napi_value Boolean(napi_env env, bool flag) {
  napi_value value = nullptr;
  napi_get_boolean(env, flag, &value);
  return value;
}

bool GetArgument(napi_env env, napi_callback_info info, napi_value* argument) {
  size_t count = 1;
  return napi_get_cb_info(env, info, &count, argument, nullptr, nullptr) == napi_ok && count >= 1;
}

bool GetNumber(napi_env env, napi_value object, const char* name, double* number) {
  napi_value value;
  return napi_get_named_property(env, object, name, &value) == napi_ok &&
         napi_get_value_double(env, value, number) == napi_ok;
}

bool GetText(napi_env env, napi_value value, std::string* text) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return false;
  text->resize(length);
  return napi_get_value_string_utf8(env, value, text->data(), length + 1, &length) == napi_ok;
}

bool GetText(napi_env env, napi_value object, const char* name, std::string* text) {
  napi_value value;
  return napi_get_named_property(env, object, name, &value) == napi_ok && GetText(env, value, text);
}

bool GetBoolean(napi_env env, napi_value object, const char* name, bool* flag) {
  napi_value value;
  return napi_get_named_property(env, object, name, &value) == napi_ok &&
         napi_get_value_bool(env, value, flag) == napi_ok;
}

napi_value Copy(napi_env env, const void* bytes, size_t size) {
  void* data;
  napi_value buffer;
  if (napi_create_arraybuffer(env, size, &data, &buffer) != napi_ok) {
    Throw(env, Status::Error(StatusCode::kOutOfMemory,
                             "no memory for a snapshot of " + std::to_string(size) + " bytes"));
    return nullptr;
  }
  if (size > 0) std::memcpy(data, bytes, size);
  return buffer;
}

}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
#include "napi/options.h"

namespace tracemalloc {

Options::Options(const Napi::CallbackInfo& info) : are_valid_(info[0].IsObject()) {
  if (are_valid_) object_ = info[0].As<Napi::Object>();
}

Napi::Value Options::Get(const char* name) {
  return object_.IsEmpty() ? Napi::Value() : object_.Get(name);
}

double Options::Number(const char* name) {
  const Napi::Value value = Get(name);
  if (value.IsNumber()) return value.As<Napi::Number>().DoubleValue();
  are_valid_ = false;
  return 0;
}

bool Options::Boolean(const char* name) {
  const Napi::Value value = Get(name);
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value();
  are_valid_ = false;
  return false;
}

std::string Options::Text(const char* name) {
  const Napi::Value value = Get(name);
  if (value.IsString()) return value.As<Napi::String>().Utf8Value();
  are_valid_ = false;
  return {};
}

std::vector<std::string> Options::Texts(const char* name) {
  std::vector<std::string> texts;
  const Napi::Value value = Get(name);
  if (!value.IsArray()) {
    are_valid_ = false;
    return texts;
  }
  const auto list = value.As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Value element = list[i];
    are_valid_ = are_valid_ && element.IsString();
    if (!are_valid_) break;
    texts.push_back(element.As<Napi::String>().Utf8Value());
  }
  return texts;
}

Napi::Function Options::Function(const char* name) {
  const Napi::Value value = Get(name);
  if (value.IsFunction()) return value.As<Napi::Function>();
  are_valid_ = false;
  return {};
}

}  // namespace tracemalloc

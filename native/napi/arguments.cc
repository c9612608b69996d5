// SPDX-License-Identifier: MIT
#include "napi/arguments.h"

#include "napi/results.h"

namespace tracemalloc {

Argument Argument::operator[](const char* property) const {
  Require(value_.IsObject());
  return Argument(value_.As<Napi::Object>().Get(property), usage_);
}

double Argument::Number() const {
  Require(value_.IsNumber());
  return value_.As<Napi::Number>().DoubleValue();
}

uint32_t Argument::Count() const {
  Require(value_.IsNumber());
  return value_.As<Napi::Number>().Uint32Value();
}

bool Argument::Boolean() const {
  Require(value_.IsBoolean());
  return value_.As<Napi::Boolean>().Value();
}

std::string Argument::Text() const {
  Require(value_.IsString());
  return value_.As<Napi::String>().Utf8Value();
}

std::vector<std::string> Argument::Texts() const {
  Require(value_.IsArray());
  const auto list = value_.As<Napi::Array>();
  std::vector<std::string> texts;
  texts.reserve(list.Length());
  for (uint32_t i = 0; i < list.Length(); ++i) {
    texts.push_back(Argument(list.Get(i), usage_).Text());
  }
  return texts;
}

std::vector<Napi::Value> Argument::Values() const {
  Require(value_.IsArray());
  const auto list = value_.As<Napi::Array>();
  std::vector<Napi::Value> values;
  values.reserve(list.Length());
  for (uint32_t i = 0; i < list.Length(); ++i) values.push_back(list.Get(i));
  return values;
}

std::vector<uint32_t> Argument::Counts() const {
  std::vector<uint32_t> counts;
  for (const Napi::Value& value : Values()) counts.push_back(Argument(value, usage_).Count());
  return counts;
}

Napi::Function Argument::Function() const {
  Require(value_.IsFunction());
  return value_.As<Napi::Function>();
}

void Argument::Refuse() const {
  throw ToError(value_.Env(), Status::Error(StatusCode::kInvalidArgument, usage_));
}

}  // namespace tracemalloc

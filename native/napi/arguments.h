// SPDX-License-Identifier: MIT
// The arguments of calls from JavaScript. TypeScript has validated them; this re-checks their
// types.
#ifndef TRACEMALLOC_NAPI_ARGUMENTS_H_
#define TRACEMALLOC_NAPI_ARGUMENTS_H_

#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tracemalloc {

// A value with the usage of the function that it was passed to. The readers throw
// ERR_INVALID_ARGUMENT with that usage if the value is missing or of another type.
class Argument {
 public:
  // The first argument of a call. `usage` must outlive it.
  Argument(const Napi::CallbackInfo& info, const char* usage) : Argument(info[0], usage) {}

  Argument operator[](const char* property) const;

  double Number() const;
  uint32_t Count() const;
  bool Boolean() const;
  std::string Text() const;
  std::vector<std::string> Texts() const;
  Napi::Function Function() const;
  std::vector<Napi::Value> Values() const;
  std::vector<uint32_t> Counts() const;
  Napi::Value value() const { return value_; }
  // The data of an External that an earlier call returned.
  template <typename T>
  T* External() const {
    Require(value_.IsExternal());
    return value_.As<Napi::External<T>>().Data();
  }

  void Require(bool condition) const {
    if (!condition) Refuse();
  }
  [[noreturn]] void Refuse() const;

 private:
  Argument(Napi::Value value, const char* usage) : value_(value), usage_(usage) {}

  Napi::Value value_;
  const char* usage_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_ARGUMENTS_H_

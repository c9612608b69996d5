// SPDX-License-Identifier: MIT
// The options of a call, each of its type: the TypeScript side has validated them, a value of
// another type is a bug.
#ifndef TRACEMALLOC_NAPI_OPTIONS_H_
#define TRACEMALLOC_NAPI_OPTIONS_H_

#include <napi.h>

#include <string>
#include <vector>

namespace tracemalloc {

class Options {
 public:
  // Of the first argument.
  explicit Options(const Napi::CallbackInfo& info);

  // What is not of its type is empty, and makes the whole not valid.
  double Number(const char* name);
  bool Boolean(const char* name);
  std::string Text(const char* name);
  std::vector<std::string> Texts(const char* name);
  Napi::Function Function(const char* name);

  bool are_valid() const { return are_valid_; }

 private:
  Napi::Value Get(const char* name);

  Napi::Object object_;
  bool are_valid_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_OPTIONS_H_

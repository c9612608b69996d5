// SPDX-License-Identifier: MIT
// The name of an object's class in the source text. The name that V8 returns may be a string of the
// program: the `name` or Symbol.toStringTag that it has assigned, a computed property's key.
#ifndef TRACEMALLOC_V8_NAMES_CLASS_NAMES_H_
#define TRACEMALLOC_V8_NAMES_CLASS_NAMES_H_

#include <v8.h>

#include <cstdint>
#include <string>
#include <unordered_map>

#include "layout/heap_view.h"
#include "v8/names/script_info.h"

namespace tracemalloc {

class ClassNames {
 public:
  ClassNames(v8::Isolate* isolate, const Layout* layout);

  // Outside GC. Empty: the class is Object, or has no name in the source text. Runs no
  // JavaScript.
  std::string NameOf(v8::Local<v8::Object> object);

 private:
  v8::Local<v8::Value> MapConstructor(v8::Local<v8::Object> object);
  std::string NameByProperty(v8::Local<v8::Object> object);
  // Empty for Object itself, and for anything but a function with a name of its own.
  std::string FunctionName(v8::Local<v8::Value> function);
  std::string NameInSource(uintptr_t shared);
  bool IsMap(uintptr_t value) const;

  v8::Isolate* isolate_;
  HeapView heap_;
  ScriptInfo scripts_;
  // Offsets in a map and in a SharedFunctionInfo; 0: not exported by this V8.
  int constructor_;
  int bit_field2_;
  int name_;
  // By script and function, also for functions without a name: asking V8 creates a closure.
  std::unordered_map<uint64_t, std::string> known_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_CLASS_NAMES_H_

// SPDX-License-Identifier: MIT
// The name of an object's class as source text has it. V8's own answer may be a string of the
// program: the `name` or Symbol.toStringTag that it has given an object, a computed property's key.
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

  // Outside GC. Empty: there is no class but Object, or none that source text names. Runs no
  // JavaScript.
  std::string NameOf(v8::Local<v8::Object> object);

 private:
  v8::Local<v8::Value> MapConstructor(v8::Local<v8::Object> object);
  std::string NameByProperty(v8::Local<v8::Object> object);
  // Empty for Object itself, and for what is no function with a name of its own.
  std::string FunctionName(v8::Local<v8::Value> function);
  std::string NameInSource(uintptr_t shared);
  bool IsMap(uintptr_t value) const;

  v8::Isolate* isolate_;
  HeapView heap_;
  ScriptInfo scripts_;
  // Within a map and a function's shared part; 0: not told by this V8.
  int constructor_;
  int bit_field2_;
  int name_;
  // By script and function, since to ask V8 makes a closure. Functions without a name, too.
  std::unordered_map<uint64_t, std::string> known_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_CLASS_NAMES_H_

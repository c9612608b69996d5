// SPDX-License-Identifier: MIT
// The type of a sampled object, named as in V8's heap snapshots: the name of its class, or
// "(string)", "(closure)", "(array)" (of elements), ... if it has no class.
#ifndef TRACEMALLOC_V8_NAMES_OBJECT_TYPE_H_
#define TRACEMALLOC_V8_NAMES_OBJECT_TYPE_H_

#include <v8.h>

#include <memory>
#include <string>

#include "core/string_table.h"
#include "v8/names/class_names.h"

namespace tracemalloc {

class ObjectTypes {
 public:
  ObjectTypes();

  // Outside GC. `value` may be any heap object, even one that JavaScript never sees. Runs no
  // JavaScript.
  StringId NameOf(v8::Local<v8::Value> value, v8::Isolate* isolate, StringTable* strings);

 private:
  const char* InternalName(int instance_type) const;
  std::string ClassOf(v8::Local<v8::Object> object, v8::Isolate* isolate);

  std::unique_ptr<ClassNames> classes_;  // made for the first object

  // -1: not exported by this V8.
  int fixed_array_;
  int fixed_double_array_;
  int property_array_;
  int bytecode_array_;
  int code_;
  int feedback_vector_;
  int first_context_;
  int last_context_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_OBJECT_TYPE_H_

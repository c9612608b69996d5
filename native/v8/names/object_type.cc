// SPDX-License-Identifier: MIT
#include "v8/names/object_type.h"

#include <node_version.h>
#include <v8-internal.h>

#include <string_view>

#include "layout/safe_read.h"

namespace tracemalloc {

namespace {

// Whether it is the Symbol.toStringTag of a built-in object that has no class.
bool IsBuiltinTag(std::string_view tag) {
  for (const std::string_view known :
       {"Arguments", "Array Iterator", "Async-from-Sync Iterator", "AsyncGenerator", "Atomics",
        "Generator", "Intl", "Iterator Helper", "JSON", "Map Iterator", "Math", "Module", "Reflect",
        "RegExp String Iterator", "Segmenter String Iterator", "Set Iterator", "String Iterator",
        "WebAssembly", "console"}) {
    if (tag == known) return true;
  }
  return false;
}

}  // namespace

ObjectTypes::ObjectTypes()
    : fixed_array_(V8DebugConstant({"type_FixedArray__FIXED_ARRAY_TYPE"})),
      fixed_double_array_(V8DebugConstant({"type_FixedDoubleArray__FIXED_DOUBLE_ARRAY_TYPE"})),
      property_array_(V8DebugConstant({"type_PropertyArray__PROPERTY_ARRAY_TYPE"})),
      bytecode_array_(V8DebugConstant({"type_BytecodeArray__BYTECODE_ARRAY_TYPE"})),
      code_(V8DebugConstant({"type_Code__CODE_TYPE"})),
      feedback_vector_(V8DebugConstant({"type_FeedbackVector__FEEDBACK_VECTOR_TYPE"})),
      first_context_(V8DebugConstant({"FirstContextType"})),
      last_context_(V8DebugConstant({"LastContextType"})) {}

const char* ObjectTypes::InternalName(int type) const {
  if (type == fixed_array_ || type == fixed_double_array_) return "(array)";
  if (type == property_array_) return "(object properties)";
  if (type == bytecode_array_ || type == code_ || type == feedback_vector_) return "(code)";
  if (first_context_ >= 0 && type >= first_context_ && type <= last_context_) return "(context)";
  return "(system)";
}

StringId ObjectTypes::NameOf(v8::Local<v8::Value> value, v8::Isolate* isolate,
                             StringTable* strings) {
  if (value->IsString()) return strings->Intern("(string)");
  if (value->IsFunction()) return strings->Intern("(closure)");
  if (value->IsArray()) return strings->Intern("Array");
  // A proxy would return the name of its target.
  if (value->IsProxy()) return strings->Intern("Proxy");
  if (value->IsNumber()) return strings->Intern("(number)");
  if (value->IsBigInt()) return strings->Intern("(bigint)");
  if (value->IsSymbol()) return strings->Intern("(symbol)");
  if (!value->IsObject()) {
    const auto address = *reinterpret_cast<const v8::internal::Address*>(*value);
    return strings->Intern(InternalName(v8::internal::Internals::GetInstanceType(address)));
  }
  return strings->Intern(ClassOf(value.As<v8::Object>(), isolate));
}

std::string ObjectTypes::ClassOf(v8::Local<v8::Object> object, v8::Isolate* isolate) {
  if (classes_ == nullptr) {
    std::string reason;
    const Layout* layout = FindLayout(NODE_MODULE_VERSION, v8::V8::GetVersion(), &reason);
    if (layout != nullptr) classes_ = std::make_unique<ClassNames>(isolate, layout);
  }
  std::string name = classes_ == nullptr ? "" : classes_->NameOf(object);
  if (!name.empty()) return name;
  // Any other name that V8 returns may be a string of the program.
  const v8::String::Utf8Value tag(isolate, object->GetConstructorName());
  return *tag != nullptr && IsBuiltinTag(*tag) ? *tag : "Object";
}

}  // namespace tracemalloc

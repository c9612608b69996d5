// SPDX-License-Identifier: MIT
#include "v8/object_type.h"

#include <v8-internal.h>

#include "v8/safe_read.h"

namespace tracemalloc {

namespace {

int TypeNumber(const char* name) {
  int number;
  return V8DebugConstant(name, &number) ? number : -1;
}

}  // namespace

ObjectTypes::ObjectTypes()
    : fixed_array_(TypeNumber("type_FixedArray__FIXED_ARRAY_TYPE")),
      fixed_double_array_(TypeNumber("type_FixedDoubleArray__FIXED_DOUBLE_ARRAY_TYPE")),
      property_array_(TypeNumber("type_PropertyArray__PROPERTY_ARRAY_TYPE")),
      bytecode_array_(TypeNumber("type_BytecodeArray__BYTECODE_ARRAY_TYPE")),
      code_(TypeNumber("type_Code__CODE_TYPE")),
      feedback_vector_(TypeNumber("type_FeedbackVector__FEEDBACK_VECTOR_TYPE")),
      first_context_(TypeNumber("FirstContextType")),
      last_context_(TypeNumber("LastContextType")) {}

const char* ObjectTypes::InternalName(int type) const {
  if (type == fixed_array_ || type == fixed_double_array_) return "(array)";
  if (type == property_array_) return "(object properties)";
  if (type == bytecode_array_ || type == code_ || type == feedback_vector_) return "(code)";
  if (first_context_ >= 0 && type >= first_context_ && type <= last_context_) return "(context)";
  return "(system)";
}

StringId ObjectTypes::NameOf(v8::Local<v8::Value> value, v8::Isolate* isolate,
                             StringTable* strings) const {
  if (value->IsString()) return strings->Intern("(string)");
  if (value->IsFunction()) return strings->Intern("(closure)");
  if (value->IsArray()) return strings->Intern("Array");
  // Asked for its name, a proxy would be looked through.
  if (value->IsProxy()) return strings->Intern("Proxy");
  if (value->IsNumber()) return strings->Intern("(number)");
  if (value->IsBigInt()) return strings->Intern("(bigint)");
  if (value->IsSymbol()) return strings->Intern("(symbol)");
  if (!value->IsObject()) {
    const auto address = *reinterpret_cast<const v8::internal::Address*>(*value);
    return strings->Intern(InternalName(v8::internal::Internals::GetInstanceType(address)));
  }
  const v8::Local<v8::String> name = value.As<v8::Object>()->GetConstructorName();
  const v8::String::Utf8Value utf8(isolate, name);
  if (*utf8 == nullptr || utf8.length() == 0) return strings->Intern("Object");
  return strings->Intern({*utf8, static_cast<size_t>(utf8.length())});
}

}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
#include "v8/names/class_names.h"

#include "layout/object_offsets.h"
#include "layout/safe_read.h"
#include "v8/names/pinned_object.h"

namespace tracemalloc {

namespace {

// The maximum number of properties that were added one by one.
constexpr int kMaxBackPointers = 2048;
constexpr int kMaxPrototypes = 16;
constexpr size_t kMaxKnown = 4096;

v8::Local<v8::Value> PrototypeOf(v8::Local<v8::Object> object) {
#if V8_MAJOR_VERSION > 12
  return object->GetPrototypeV2();
#else
  return object->GetPrototype();
#endif
}

}  // namespace

ClassNames::ClassNames(v8::Isolate* isolate, const Layout* layout)
    : isolate_(isolate),
      heap_(layout, Memory::kDirect),
      scripts_(isolate, layout),
      constructor_(V8DebugConstant({"class_Map__constructor_or_back_pointer__Tagged_Object_",
                                    "class_Map__constructor_or_back_pointer__Object"})),
      bit_field2_(V8DebugConstant({"class_Map__bit_field2__char"})),
      name_(
          V8DebugConstant({"class_SharedFunctionInfo__name_or_scope_info__Tagged_NameOrScopeInfoT_",
                           "class_SharedFunctionInfo__name_or_scope_info__Tagged_Object_",
                           "class_SharedFunctionInfo__name_or_scope_info__Object"})) {}

std::string ClassNames::NameOf(v8::Local<v8::Object> object) {
  std::string name = FunctionName(MapConstructor(object));
  return name.empty() ? NameByProperty(object) : name;
}

v8::Local<v8::Value> ClassNames::MapConstructor(v8::Local<v8::Object> object) {
  uintptr_t at;
  uint8_t bits;
  if (constructor_ < 0 || bit_field2_ < 0 || !heap_.Field(TaggedAddressOf(object), 0, &at) ||
      !heap_.Field(at, bit_field2_, &bits) || (bits & kNewTargetIsBase) == 0) {
    return {};
  }
  // A map that was derived from another points back to it; the first one has the constructor.
  for (int i = 0; i < kMaxBackPointers && IsMap(at); i++) heap_.Field(at, constructor_, &at);
  if (!HeapView::IsHeapObject(at) || IsMap(at)) return {};
  return v8::Local<v8::Value>::New(isolate_, LocalAtSlot<v8::Value>(&at));
}

bool ClassNames::IsMap(uintptr_t value) const {
  // A map's map is the meta map, which is its own map.
  uintptr_t map, meta;
  return HeapView::IsHeapObject(value) && heap_.Field(value, 0, &map) &&
         heap_.Field(map, 0, &meta) && map == meta;
}

std::string ClassNames::NameByProperty(v8::Local<v8::Object> object) {
  const v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  if (context.IsEmpty()) return "";
  const v8::TryCatch quiet(isolate_);
  const v8::Local<v8::String> key = v8::String::NewFromUtf8Literal(isolate_, "constructor");
  v8::Local<v8::Value> at = object;
  for (int i = 0; i < kMaxPrototypes && at->IsObject() && !at->IsProxy(); i++) {
    const v8::Local<v8::Object> holder = at.As<v8::Object>();
    if (holder->HasRealNamedProperty(context, key).FromMaybe(false)) {
      // Reading an accessor would run it.
      if (holder->HasRealNamedCallbackProperty(context, key).FromMaybe(true)) return "";
      v8::Local<v8::Value> constructor;
      if (!holder->GetRealNamedProperty(context, key).ToLocal(&constructor)) return "";
      std::string name = FunctionName(constructor);
      if (!name.empty()) return name;
    }
    at = PrototypeOf(holder);
  }
  return "";
}

std::string ClassNames::FunctionName(v8::Local<v8::Value> function) {
  uintptr_t shared;
  if (function.IsEmpty() || !function->IsFunction() ||
      !heap_.ObjectField(TaggedAddressOf(function), heap_.layout().function_shared,
                         heap_.layout().type_shared_function_info, &shared)) {
    return "";
  }
  std::string name = NameInSource(shared);
  return name == "Object" ? "" : name;
}

std::string ClassNames::NameInSource(uintptr_t shared) {
  const Layout& layout = heap_.layout();
  uintptr_t script, name;
  int32_t script_id, literal_id;
  if (!heap_.Field(shared, layout.shared_script, &script)) return "";
  if (!heap_.HasType(script, layout.type_script)) {
    // For builtins and functions of native code, the name comes first there.
    if (name_ < 0 || !heap_.Field(shared, name_, &name) || !HeapView::IsHeapObject(name)) return "";
    return scripts_.Text(v8::Local<v8::Value>::New(isolate_, LocalAtSlot<v8::Value>(&name)));
  }
  if (!heap_.SmiField(script, layout.script_id, &script_id) ||
      !heap_.Field(shared, layout.shared_literal_id, &literal_id)) {
    return "";
  }
  const uint64_t key = static_cast<uint64_t>(static_cast<uint32_t>(script_id)) << 32 |
                       static_cast<uint32_t>(literal_id);
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  if (known_.size() >= kMaxKnown) known_.clear();
  const auto local = [this](uintptr_t* slot) {
    return v8::Local<v8::Value>::New(isolate_, LocalAtSlot<v8::Value>(slot));
  };
  const v8::Local<v8::Value> function = local(&shared);
  return known_[key] = scripts_.NameInSource(function, local(&script), literal_id);
}

}  // namespace tracemalloc

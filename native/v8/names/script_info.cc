// SPDX-License-Identifier: MIT
#include "v8/names/script_info.h"

#include <vector>

#include "core/script_name.h"
#include "layout/safe_read.h"
#include "v8/names/pinned_object.h"
#include "v8/names/source_lines.h"

namespace tracemalloc {
namespace {

constexpr int kMaxEvalDepth = 8;

}  // namespace

ScriptInfo::ScriptInfo(v8::Isolate* isolate, const Layout* layout)
    : isolate_(isolate),
      heap_(layout, Memory::kDirect),
      functions_(layout->node_module_version),
      source_offset_(V8DebugConstant({"class_Script__source__Object"})),
      eval_from_offset_(
          V8DebugConstant({"class_Script__eval_from_shared_or_wrapped_arguments__Tagged_Object_",
                           "class_Script__eval_from_shared_or_wrapped_arguments__Object"})),
      eval_position_offset_(V8DebugConstant({"class_Script__eval_from_position__SMI"})) {}

std::string ScriptInfo::FileName(v8::Local<v8::Value> shared, v8::Local<v8::Value> script) {
  std::string name = NameWithoutOrigin(shared);
  if (!name.empty()) return name;
  v8::Local<v8::Value> outer;
  return IsEval(script, &outer) ? EvalOrigin(script, outer, 0) : "";
}

std::string ScriptInfo::NameWithoutOrigin(v8::Local<v8::Value> shared) {
  // V8's API calls a SharedFunctionInfo, of whatever function, an UnboundScript.
  const v8::Local<v8::UnboundScript> unbound = ReinterpretLocal<v8::UnboundScript>(shared);
  std::string name = Text(unbound->GetSourceURL());
  if (name.empty()) name = Text(unbound->GetScriptName());
  return ScriptName(name);
}

std::string ScriptInfo::FunctionName(v8::Local<v8::Value> shared, v8::Local<v8::Value> script,
                                     int32_t literal_id) {
  const std::string name = NameInSource(shared, script, literal_id);
  v8::Local<v8::Value> outer;
  return name.empty() && IsEval(script, &outer) ? "eval" : name;
}

std::string ScriptInfo::NameInSource(v8::Local<v8::Value> shared, v8::Local<v8::Value> script,
                                     int32_t literal_id) {
  // No closure is made of a script's top-level function, which has no name: V8 would announce the
  // script to debuggers a second time.
  if (literal_id == 0 || (literal_id == 1 && IsWrapped(script))) return "";
  // A closure of the function that never runs: V8 returns names only for closures.
  const v8::Local<v8::Function> closure = ReinterpretLocal<v8::Function>(
      ReinterpretLocal<v8::UnboundScript>(shared)->BindToCurrentContext());
  std::string name = Text(closure->GetDebugName());
  // A class's constructor gets its own `name` only when the class is created: V8 14 then returns
  // the empty name of Function.prototype. For a real class without a name, V8 returns the name of
  // the variable or property to which it is assigned.
  if (name.empty()) name = Text(closure->GetName());
  if (name.empty()) name = Text(closure->GetInferredName());
  return BoundedName(name);
}

v8::Local<v8::String> ScriptInfo::SourceMap(v8::Local<v8::Value> shared) {
  const v8::Local<v8::Value> url =
      ReinterpretLocal<v8::UnboundScript>(shared)->GetSourceMappingURL();
  if (url.IsEmpty() || !url->IsString() || url.As<v8::String>()->Length() == 0) return {};
  return url.As<v8::String>();
}

v8::Local<v8::String> ScriptInfo::Source(v8::Local<v8::Value> script) {
  if (source_offset_ < 0) return {};
  const v8::Local<v8::Value> source = Field(script, source_offset_);
  if (source.IsEmpty() || !source->IsString()) return {};
  return source.As<v8::String>();
}

bool ScriptInfo::Offsets(v8::Local<v8::Value> script, int32_t* line, int32_t* column) {
  const uintptr_t tagged = TaggedAddressOf(script);
  return heap_.SmiField(tagged, heap_.layout().script_line_offset, line) &&
         heap_.SmiField(tagged, heap_.layout().script_column_offset, column);
}

v8::Local<v8::Value> ScriptInfo::Field(v8::Local<v8::Value> object, int offset) {
  uintptr_t value;
  if (!heap_.Field(TaggedAddressOf(object), offset, &value) || !HeapView::IsHeapObject(value)) {
    return {};
  }
  return v8::Local<v8::Value>::New(isolate_, LocalAtSlot<v8::Value>(&value));
}

bool ScriptInfo::IsEval(v8::Local<v8::Value> script, v8::Local<v8::Value>* outer) {
  if (eval_from_offset_ < 0) return false;
  *outer = Field(script, eval_from_offset_);
  return !outer->IsEmpty() &&
         heap_.HasType(TaggedAddressOf(*outer), heap_.layout().type_shared_function_info);
}

bool ScriptInfo::IsWrapped(v8::Local<v8::Value> script) {
  if (eval_from_offset_ < 0) return false;
  const v8::Local<v8::Value> arguments = Field(script, eval_from_offset_);
  v8::Local<v8::Value> outer;
  return !arguments.IsEmpty() && !arguments->IsUndefined() && !IsEval(script, &outer);
}

// NOLINTNEXTLINE(misc-no-recursion): kMaxEvalDepth deep at most
std::string ScriptInfo::EvalOrigin(v8::Local<v8::Value> script, v8::Local<v8::Value> outer,
                                   int depth) {
  const v8::Local<v8::Value> outer_script = Field(outer, heap_.layout().shared_script);
  if (outer_script.IsEmpty() ||
      !heap_.HasType(TaggedAddressOf(outer_script), heap_.layout().type_script)) {
    return "eval";
  }
  int32_t literal_id = 0;
  heap_.Field(TaggedAddressOf(outer), heap_.layout().shared_literal_id, &literal_id);
  std::string name = NameInSource(outer, outer_script, literal_id);
  if (name.empty()) name = "<anonymous>";
  return "eval at " + name + " (" + EvalPlace(script, outer, depth) + ")";
}

// NOLINTNEXTLINE(misc-no-recursion): kMaxEvalDepth deep at most
std::string ScriptInfo::EvalPlace(v8::Local<v8::Value> script, v8::Local<v8::Value> outer,
                                  int depth) {
  const v8::Local<v8::Value> outer_script = Field(outer, heap_.layout().shared_script);
  std::string name = NameWithoutOrigin(outer);
  v8::Local<v8::Value> outer_outer;
  if (name.empty() && IsEval(outer_script, &outer_outer)) {
    if (depth == kMaxEvalDepth) return "...";
    return EvalOrigin(outer_script, outer_outer, depth + 1);
  }
  if (name.empty()) return "unknown source";

  int32_t position;
  const v8::Local<v8::String> source = Source(outer_script);
  int32_t line_offset;
  int32_t column_offset;
  if (eval_position_offset_ < 0 || source.IsEmpty() ||
      !heap_.SmiField(TaggedAddressOf(script), eval_position_offset_, &position) ||
      !Offsets(outer_script, &line_offset, &column_offset)) {
    return name;
  }
  if (position < 0) {
    // V8 has only kept the bytecode offset of the calling function.
    const uintptr_t bytecode_array = FunctionPositions::BytecodeOf(heap_, TaggedAddressOf(outer));
    if (bytecode_array == 0 || !functions_.At(heap_, bytecode_array, -position, &position)) {
      return name;
    }
  }
  const SourcePlace place = FindPlaces(isolate_, source, {position})[0];
  if (place.line < 0) return name;
  const int32_t column = place.column + (place.line == 0 ? column_offset : 0);
  return name + ":" + std::to_string(place.line + line_offset + 1) + ":" +
         std::to_string(column + 1);
}

std::string ScriptInfo::Text(v8::Local<v8::Value> value) {
  if (value.IsEmpty() || !value->IsString()) return "";
  const v8::String::Utf8Value text(isolate_, value);
  return *text == nullptr ? "" : std::string(*text, static_cast<size_t>(text.length()));
}

}  // namespace tracemalloc

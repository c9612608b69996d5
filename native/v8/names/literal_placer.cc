// SPDX-License-Identifier: MIT
#include "v8/names/literal_placer.h"

#include <algorithm>

#include "core/frame.h"
#include "layout/bytecode/literal_bytecodes.h"
#include "layout/bytecode/literal_names.h"
#include "v8/caught_errors.h"
#include "v8/names/pinned_object.h"

namespace tracemalloc {
std::vector<PlacedBytecode> LiteralPlacer::Place(v8::Local<v8::Function> place,
                                                 v8::Local<v8::String> source,
                                                 v8::Local<v8::Value> shared,
                                                 v8::Local<v8::Value> bytecode_array,
                                                 const std::vector<int32_t>& wanted) {
  std::vector<PlacedBytecode> placed;
  FunctionRange range;
  heap_.ForgetPages();
  if (!bytecodes_.Decode(heap_, TaggedAddressOf(bytecode_array))) return placed;
  for (const AllocatingBytecode& bytecode : bytecodes_.all()) {
    placed.push_back({bytecode, {}, false});
  }
  if (!ranges_.Of(heap_, TaggedAddressOf(shared), &range)) return placed;

  const v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  std::vector<v8::Local<v8::Value>> rows;
  for (PlacedBytecode& one : placed) {
    if (!LiteralBytecodes::LacksPosition(one.bytecode)) continue;
    rows.push_back(Row(one.bytecode, TaggedAddressOf(bytecode_array), &one));
  }
  if (!NeedsSource(wanted)) {
    for (PlacedBytecode& one : placed) one.is_exact = !one.objects.empty();
    return placed;
  }
  v8::Local<v8::Value> arguments[] = {source, v8::Integer::New(isolate_, range.begin),
                                      v8::Integer::New(isolate_, range.end),
                                      v8::Array::New(isolate_, rows.data(), rows.size())};
  const CaughtErrors errors(isolate_);
  v8::Local<v8::Value> answer;
  if (place->Call(context, v8::Undefined(isolate_), 4, arguments).ToLocal(&answer)) {
    Read(answer, &placed);
  }
  return placed;
}

// A closure's function knows its own position, except for a class, which begins before its
// constructor.
bool LiteralPlacer::NeedsSource(const std::vector<int32_t>& wanted) const {
  const auto& all = bytecodes_.all();
  return std::any_of(all.begin(), all.end(),
                     [](const auto& one) { return one.kind == BytecodeKind::kClass; }) ||
         std::any_of(wanted.begin(), wanted.end(), [this](int32_t offset) {
           const AllocatingBytecode* one = offset < 0 ? nullptr : bytecodes_.At(offset);
           return one == nullptr || one->kind != BytecodeKind::kClosure;
         });
}

v8::Local<v8::Array> LiteralPlacer::Row(const AllocatingBytecode& bytecode,
                                        uintptr_t bytecode_array, PlacedBytecode* placed) {
  const char letter = static_cast<char>(bytecode.kind);
  uintptr_t constant = 0;
  v8::Local<v8::Value> detail = v8::Undefined(isolate_);
  if (BytecodeConstant(heap_, bytecode_array, bytecode.constant, &constant) &&
      HeapView::IsHeapObject(constant)) {
    detail = Detail(bytecode, constant, placed);
  }
  v8::Local<v8::Value> row[] = {
      v8::String::NewFromUtf8(isolate_, &letter, v8::NewStringType::kNormal, 1).ToLocalChecked(),
      v8::Integer::New(isolate_, bytecode.position), detail};
  return v8::Array::New(isolate_, row, 3);
}

v8::Local<v8::Value> LiteralPlacer::Detail(const AllocatingBytecode& bytecode, uintptr_t constant,
                                           PlacedBytecode* placed) {
  switch (bytecode.kind) {
    case BytecodeKind::kObjectLiteral:
      return PropertyNames(constant);
    case BytecodeKind::kArrayLiteral: {
      std::vector<uintptr_t> elements;
      int32_t length;
      if (!ReadArrayLiteral(heap_, constant, &length, &elements)) break;
      return v8::Integer::New(isolate_, length);
    }
    case BytecodeKind::kRegExp: {
      const v8::Local<v8::Value> pattern =
          v8::Local<v8::Value>::New(isolate_, LocalAtSlot<v8::Value>(&constant));
      if (pattern->IsString()) return pattern;
      break;
    }
    case BytecodeKind::kClosure: {
      FunctionRange range;
      int32_t id;
      if (!ranges_.Of(heap_, constant, &range) ||
          !heap_.Field(constant, heap_.layout().shared_literal_id, &id)) {
        break;
      }
      placed->objects.push_back({'f', range.begin, id, {}, -1});
      v8::Local<v8::Value> ends[] = {v8::Integer::New(isolate_, range.begin),
                                     v8::Integer::New(isolate_, range.end)};
      return v8::Array::New(isolate_, ends, 2);
    }
    case BytecodeKind::kBlockContext:
    case BytecodeKind::kOtherContext: {
      int32_t begin;
      if (!ranges_.OfScope(heap_, constant, &begin)) break;
      return v8::Integer::New(isolate_, begin);
    }
    default:
      break;
  }
  return v8::Undefined(isolate_);
}

v8::Local<v8::Array> LiteralPlacer::PropertyNames(uintptr_t description) {
  std::vector<LiteralProperty> properties;
  std::vector<v8::Local<v8::Value>> names;
  ReadLiteral(heap_, description, &properties);
  for (const LiteralProperty& property : properties) {
    if (HeapView::IsSmi(property.name)) {
      names.push_back(v8::Integer::New(isolate_, HeapView::SmiValue(property.name)));
    } else if (HeapView::IsHeapObject(property.name)) {
      names.push_back(v8::Local<v8::Value>::New(isolate_, LocalAtSlot<v8::Value>(&property.name)));
    }
  }
  return v8::Array::New(isolate_, names.data(), names.size());
}

// An array for each row: whether it is exact, then three elements per object.
void LiteralPlacer::Read(v8::Local<v8::Value> answer, std::vector<PlacedBytecode>* placed) {
  const v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  if (!answer->IsArray()) return;
  const v8::Local<v8::Array> rows = answer.As<v8::Array>();
  const auto at = [&](v8::Local<v8::Array> array, uint32_t index) {
    v8::Local<v8::Value> value;
    return array->Get(context, index).ToLocal(&value) ? value
                                                      : v8::Undefined(isolate_).As<v8::Value>();
  };
  uint32_t row_index = 0;
  for (PlacedBytecode& one : *placed) {
    if (!LiteralBytecodes::LacksPosition(one.bytecode)) continue;
    const v8::Local<v8::Value> value = at(rows, row_index++);
    if (!value->IsArray()) {
      // The position of a function needs no source.
      one.is_exact = !one.objects.empty();
      continue;
    }
    const v8::Local<v8::Array> row = value.As<v8::Array>();
    const int32_t function_id = one.objects.empty() ? -1 : one.objects[0].function_id;
    one.objects.clear();
    one.is_exact = at(row, 0)->IsTrue();
    for (uint32_t i = 1; i + 4 <= row->Length(); i += 4) {
      PlacedObject object;
      const v8::String::Utf8Value kind(isolate_, at(row, i));
      object.kind = *kind == nullptr || kind.length() == 0 ? '\0' : (*kind)[0];
      const v8::Local<v8::Value> position = at(row, i + 1);
      if (position->IsInt32()) object.position = position.As<v8::Int32>()->Value();
      object.function_id = function_id;
      const v8::Local<v8::Value> names = at(row, i + 2);
      const v8::Local<v8::Value> length = at(row, i + 3);
      if (length->IsInt32()) object.length = length.As<v8::Int32>()->Value();
      for (uint32_t n = 0; names->IsArray() && n < names.As<v8::Array>()->Length(); ++n) {
        const v8::String::Utf8Value name(isolate_, at(names.As<v8::Array>(), n));
        object.names.emplace_back(*name == nullptr ? "" : *name);
      }
      one.objects.push_back(std::move(object));
    }
  }
}

}  // namespace tracemalloc

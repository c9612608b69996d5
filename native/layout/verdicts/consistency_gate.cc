// SPDX-License-Identifier: MIT
#include "layout/verdicts/consistency_gate.h"

#include <algorithm>

#include "layout/bytecode/function_positions.h"
#include "layout/heap_view.h"
#include "layout/safe_read.h"

namespace tracemalloc {
namespace {

using ObjectKind = ConsistencyGate::ObjectKind;

// Kinds whose objects are all made by the bytecode itself. Literals of constants are copied as a
// whole, with the objects and arrays in them.
bool IsLiteral(BytecodeKind bytecode) {
  switch (bytecode) {
    case BytecodeKind::kObjectLiteral:
    case BytecodeKind::kEmptyObject:
    case BytecodeKind::kObjectClone:
    case BytecodeKind::kArrayLiteral:
    case BytecodeKind::kEmptyArray:
    case BytecodeKind::kRestParameter:
    case BytecodeKind::kTemplateObject:
    case BytecodeKind::kClosure:
    case BytecodeKind::kBlockContext:
    case BytecodeKind::kOtherContext:
    case BytecodeKind::kFunctionContext:
      return true;
    default:
      return false;
  }
}

bool Makes(BytecodeKind bytecode, ObjectKind kind) {
  switch (bytecode) {
    case BytecodeKind::kAnything:
      return true;
    case BytecodeKind::kObjectLiteral:
    case BytecodeKind::kArrayLiteral:
      return kind == ObjectKind::kPlainObject || kind == ObjectKind::kArray ||
             kind == ObjectKind::kElements;
    case BytecodeKind::kEmptyObject:
    case BytecodeKind::kObjectClone:
      return kind == ObjectKind::kPlainObject;
    case BytecodeKind::kEmptyArray:
    case BytecodeKind::kIterableArray:
    case BytecodeKind::kRestParameter:
    case BytecodeKind::kTemplateObject:
      return kind == ObjectKind::kArray || kind == ObjectKind::kElements;
    case BytecodeKind::kArguments:
      return kind == ObjectKind::kElements;
    case BytecodeKind::kClosure:
      return kind == ObjectKind::kFunction;
    case BytecodeKind::kClass:
      return kind == ObjectKind::kFunction || kind == ObjectKind::kPlainObject;
    case BytecodeKind::kBlockContext:
    case BytecodeKind::kOtherContext:
    case BytecodeKind::kFunctionContext:
      return kind == ObjectKind::kContext;
    case BytecodeKind::kRegExp:
      return kind == ObjectKind::kRegExp;
    default:
      return false;
  }
}

}  // namespace

ConsistencyGate::ConsistencyGate(int node_module_version)
    : places_(node_module_version),
      object_(V8DebugConstant({"type_JSObject__JS_OBJECT_TYPE"})),
      array_(V8DebugConstant({"type_JSArray__JS_ARRAY_TYPE"})),
      regexp_(V8DebugConstant({"type_JSRegExp__JS_REG_EXP_TYPE"})),
      elements_(V8DebugConstant({"type_FixedArray__FIXED_ARRAY_TYPE"})),
      double_elements_(V8DebugConstant({"type_FixedDoubleArray__FIXED_DOUBLE_ARRAY_TYPE"})),
      // V8 11 exports only the type of functions, and not the range that includes classes.
      first_function_(
          V8DebugConstant({"FirstJSFunctionType", "type_JSFunction__JS_FUNCTION_TYPE"})),
      last_function_(V8DebugConstant({"LastJSFunctionType", "type_JSFunction__JS_FUNCTION_TYPE"})),
      first_context_(V8DebugConstant({"FirstContextType"})),
      last_context_(V8DebugConstant({"LastContextType"})) {}

ObjectKind ConsistencyGate::KindOf(const HeapView& heap, uintptr_t object) const {
  uintptr_t map;
  uint16_t type;
  if (!heap.Field(object, 0, &map) || !HeapView::IsHeapObject(map) ||
      !heap.Field(map, kMapInstanceType, &type)) {
    return ObjectKind::kOther;
  }
  if (type == object_) return ObjectKind::kPlainObject;
  if (type == array_) return ObjectKind::kArray;
  if (type == regexp_) return ObjectKind::kRegExp;
  if (type == elements_ || type == double_elements_) return ObjectKind::kElements;
  if (first_function_ >= 0 && type >= first_function_ && type <= last_function_) {
    return ObjectKind::kFunction;
  }
  if (first_context_ >= 0 && type >= first_context_ && type <= last_context_) {
    return ObjectKind::kContext;
  }
  return ObjectKind::kOther;
}

ConsistencyGate::Possibility ConsistencyGate::CanMake(const HeapView& heap, uintptr_t shared,
                                                      int32_t position, ObjectKind kind) {
  if (kind == ObjectKind::kOther ||
      !places_.Decode(heap, FunctionPositions::BytecodeOf(heap, shared))) {
    return Possibility::kYes;
  }
  // Bytecodes before a function's first position have the function's start.
  const auto& entries = places_.positions().entries();
  const bool is_start = std::none_of(entries.begin(), entries.end(), [&](const auto& entry) {
    return entry.position.script_offset() == position;
  });
  Possibility possibility = Possibility::kNo;
  for (const AllocatingBytecode& place : places_.all()) {
    const bool is_here = place.position == position || (is_start && place.position < 0);
    if (!is_here || !Makes(place.kind, kind)) continue;
    if (place.kind != BytecodeKind::kAnything) return Possibility::kYes;
    possibility = Possibility::kByCall;
  }
  return possibility;
}

bool ConsistencyGate::HasMaker(const HeapView& heap, uintptr_t shared, ObjectKind kind) {
  if (!places_.Decode(heap, FunctionPositions::BytecodeOf(heap, shared))) return true;
  return std::any_of(places_.all().begin(), places_.all().end(), [&](const auto& place) {
    return place.kind != BytecodeKind::kAnything && Makes(place.kind, kind);
  });
}

ConsistencyGate::Maker ConsistencyGate::MakerAt(const HeapView& heap, uintptr_t bytecode_array,
                                                int32_t offset, ObjectKind kind) {
  if (!places_.Decode(heap, bytecode_array)) return Maker::kWhatItCalls;
  const AllocatingBytecode* place = places_.At(offset);
  const bool is_other = kind == ObjectKind::kOther;
  if (place == nullptr) return is_other ? Maker::kWhatItCalls : Maker::kAnother;
  if (!IsLiteral(place->kind)) return Maker::kWhatItCalls;
  return is_other || Makes(place->kind, kind) ? Maker::kItself : Maker::kAnother;
}

bool ConsistencyGate::FindMakers(const HeapView& heap, uintptr_t shared, ObjectKind kind,
                                 std::vector<int32_t>* positions) {
  if (!places_.Decode(heap, FunctionPositions::BytecodeOf(heap, shared))) return false;
  for (const AllocatingBytecode& place : places_.all()) {
    if (place.kind == BytecodeKind::kAnything) return false;
    if (!Makes(place.kind, kind)) continue;
    if (place.position < 0) return false;
    positions->push_back(place.position);
  }
  return true;
}

}  // namespace tracemalloc

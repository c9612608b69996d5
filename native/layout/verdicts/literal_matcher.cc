// SPDX-License-Identifier: MIT
#include "layout/verdicts/literal_matcher.h"

#include <algorithm>

#include "layout/heap_view.h"
#include "layout/safe_read.h"

namespace tracemalloc {
namespace {

constexpr int kDeepest = 16;

}  // namespace

LiteralMatcher::LiteralMatcher(int node_module_version)
    : places_(node_module_version),
      array_description_(V8DebugConstant(
          {"type_ArrayBoilerplateDescription__ARRAY_BOILERPLATE_DESCRIPTION_TYPE"})),
      regexp_source_(V8DebugConstant({"class_JSRegExp__source__Object"})) {}

bool LiteralMatcher::ConstantOf(const HeapView& heap, uintptr_t object, ObjectKind kind,
                                uintptr_t* constant) const {
  switch (kind) {
    case ObjectKind::kFunction:
      return heap.Field(object, heap.layout().function_shared, constant);
    case ObjectKind::kRegExp:
      return regexp_source_ >= 0 && heap.Field(object, regexp_source_, constant);
    default:
      return false;
  }
}

bool LiteralMatcher::Describe(const HeapView& heap, uintptr_t object, ObjectKind kind) {
  if (ConstantOf(heap, object, kind, &constant_)) {
    maker_ = kind == ObjectKind::kRegExp ? BytecodeKind::kRegExp : BytecodeKind::kClosure;
    return true;
  }
  maker_ = BytecodeKind::kNothing;
  if (kind != ObjectKind::kPlainObject) return false;
  if (array_description_ < 0 || !names_of_.Of(heap, object, &names_) || names_.empty() ||
      !names_of_.RoomOf(heap, object, &room_)) {
    return false;
  }
  began_empty_ = names_of_.BeganEmpty(heap, object);
  // Iterators' results come from no literal of the program.
  return names_.size() != 2 || !IsText(heap, names_[0], "value") ||
         !IsText(heap, names_[1], "done");
}

bool LiteralMatcher::FindIn(const HeapView& heap, uintptr_t bytecode_array,
                            std::vector<LiteralMatch>* matches) {
  if (!places_.Decode(heap, bytecode_array)) return false;
  for (const AllocatingBytecode& place : places_.all()) {
    // Copies and empty objects may have any names.
    const bool is_vague = place.kind == BytecodeKind::kObjectClone ||
                          (place.kind == BytecodeKind::kEmptyObject && began_empty_);
    const bool has_names = !is_constant();
    if (has_names && is_vague) matches->push_back({place, LiteralMatch::Size::kAny});
    const bool is_wanted = has_names ? place.kind == BytecodeKind::kObjectLiteral ||
                                           place.kind == BytecodeKind::kArrayLiteral
                                     : place.kind == maker_;
    if (!is_wanted) continue;
    uintptr_t constant;
    if (!BytecodeConstant(heap, bytecode_array, place.constant, &constant) ||
        !HeapView::IsHeapObject(constant)) {
      return false;
    }
    if (!has_names) {
      if (constant == constant_) matches->push_back({place, LiteralMatch::Size::kSame});
      continue;
    }
    const Fit fit = BestFit(heap, constant, 0);
    if (fit == Fit::kNo) continue;
    matches->push_back({place, fit == Fit::kNamesAndSize ? LiteralMatch::Size::kSame
                                                         : LiteralMatch::Size::kOther});
  }
  return true;
}

// NOLINTNEXTLINE(misc-no-recursion): kDeepest deep at most
LiteralMatcher::Fit LiteralMatcher::BestFit(const HeapView& heap, uintptr_t description,
                                            int depth) {
  uintptr_t map;
  if (depth > kDeepest) return Fit::kNamesAndSize;
  if (!HeapView::IsHeapObject(description) || !heap.Field(description, 0, &map)) return Fit::kNo;
  Fit best = Fit::kNo;
  // NOLINTNEXTLINE(misc-no-recursion): see above
  const auto look_at = [&](uintptr_t inner) {
    best = std::max(best, BestFit(heap, inner, depth + 1));
  };
  if (map == object_description_) {
    std::vector<LiteralProperty> properties;
    if (!ReadLiteral(heap, description, &properties)) return Fit::kNamesAndSize;
    best = FitOf(heap, description, properties);
    for (const LiteralProperty& property : properties) look_at(property.value);
  } else if (heap.HasType(description, array_description_)) {
    std::vector<uintptr_t> elements;
    int32_t length;
    if (!ReadArrayLiteral(heap, description, &length, &elements) ||
        length > static_cast<int32_t>(elements.size())) {
      return Fit::kNamesAndSize;
    }
    for (const uintptr_t element : elements) look_at(element);
  }
  return best;
}

LiteralMatcher::Fit LiteralMatcher::FitOf(const HeapView& heap, uintptr_t description,
                                          const std::vector<LiteralProperty>& properties) const {
  size_t next = 0;
  for (size_t i = 0; i < properties.size(); ++i) {
    const uintptr_t name = properties[i].name;
    if (!HeapView::IsHeapObject(name) || IsText(heap, name, "__proto__")) continue;
    const auto is_same = [name](const LiteralProperty& other) { return other.name == name; };
    const auto here = properties.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(properties.begin(), here, is_same)) continue;
    if (next == names_.size() || names_[next] != name) return Fit::kNo;
    ++next;
  }
  int32_t room;
  if (!ReadLiteralRoom(heap, description, &room)) return Fit::kNamesAndSize;
  return static_cast<size_t>(room) == room_ ? Fit::kNamesAndSize : Fit::kNames;
}

// Before V8 12 their type is not exported; an object literal has one.
void LiteralMatcher::Learn(const HeapView& heap, uintptr_t bytecode_array) {
  if (object_description_ != 0 || !places_.Decode(heap, bytecode_array)) return;
  for (const AllocatingBytecode& place : places_.all()) {
    uintptr_t constant;
    uintptr_t map;
    if (place.kind != BytecodeKind::kObjectLiteral ||
        !BytecodeConstant(heap, bytecode_array, place.constant, &constant) ||
        !HeapView::IsHeapObject(constant) || !heap.Field(constant, 0, &map)) {
      continue;
    }
    object_description_ = map;
    return;
  }
}

}  // namespace tracemalloc

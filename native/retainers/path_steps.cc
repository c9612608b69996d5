// SPDX-License-Identifier: MIT
#include "retainers/path_steps.h"

#include <utility>

#include "layout/object_offsets.h"
#include "retainers/monotonic_clock.h"

namespace tracemalloc {
namespace {

constexpr int kWord = 8;
constexpr int kProperties = 8;  // in every JSReceiver
constexpr int kElements = 16;   // in every JSObject
constexpr int kFirstField = 24;
constexpr int kFirstSlot = 16;
constexpr int kPromiseReactions = 24;
constexpr int kSuspendedFunction = 24;
constexpr int kProxyTarget = 16;
constexpr int kProxyHandler = 24;
constexpr int kPropertyCellName = 8;
constexpr const char* kFunctionType = "function";
constexpr int kModuleExports = 8;

}  // namespace

bool PathSteps::Of(const HeldPath& path, uintptr_t target, int64_t deadline,
                   std::vector<Step>* steps) {
  constexpr size_t kOften = 16;
  steps_.clear();
  module_ = 0;
  closure_ = path.closure;
  if (!path.is_anchored) Push(StepKind::kNative, 0);
  for (size_t i = 0; i < path.hops.size(); i++) {
    if (i % kOften == 0 && MonotonicNow() > deadline) return false;
    const Hop& hop = path.hops[i];
    const uintptr_t next = i + 1 < path.hops.size() ? path.hops[i + 1].holder : target;
    const HeapObjects::Shape shape = objects_->ShapeOf(hop.holder);
    const HeapNumbers& n = objects_->numbers();
    const Place at{hop.holder, hop.offset, i == 0 ? 0 : path.hops[i - 1].holder, next};
    if (hop.table != 0) {
      Push(StepKind::kWeakEntry, hop.holder);
    } else if (shape.type == n.native_context) {
      Push(StepKind::kEngine, 0);
    } else if (shape.type == n.global_object) {
      Push(StepKind::kGlobal, 0);
    } else if (n.IsContext(shape.type)) {
      AddContext(at);
    } else if (objects_->IsFunction(hop.holder)) {
      AddFunction(at);
    } else if (shape.type < n.special_api_object && shape.type != n.proxy) {
      AddInternal(at, shape.type);
    } else {
      AddReceiver(at, shape);
    }
  }
  AddTarget(target);
  *steps = std::move(steps_);
  return true;
}

void PathSteps::Push(StepKind kind, uintptr_t object, std::string name) {
  Step step;
  step.kind = kind;
  step.name = std::move(name);
  if (object != 0) {
    step.type = TypeName(object);
    if (step.type == kFunctionType) step.place = names_->PlaceOf(objects_->SharedOf(object));
  }
  steps_.push_back(std::move(step));
}

void PathSteps::AddContext(const Place& at) {
  const HeapNumbers& n = objects_->numbers();
  const int type = objects_->TypeOf(at.object);
  if (objects_->TypeOf(at.next) == n.module) {
    module_ = at.object;
    return;
  }
  const int offset = static_cast<int>(at.offset);
  if (offset == kContextPrevious || offset == kContextScopeInfo) return;
  // V8's own functions, such as those that go on after an await, have variables without names.
  if (at.before != 0 && objects_->IsFunction(at.before) && objects_->ScriptOf(at.before) == 0) {
    return;
  }
  const bool is_root = at.before == 0;
  if (!is_root ||
      (type != n.function_context && type != n.module_context && type != n.script_context)) {
    Push(StepKind::kVariable, 0, Variable(at.object, at.offset));
    return;
  }
  PushModule(Variable(at.object, at.offset),
             closure_ == 0 ? FunctionOf(ModuleOf(at.object)) : objects_->SharedOf(closure_));
}

void PathSteps::PushModule(std::string name, uintptr_t shared) {
  Push(StepKind::kModule, 0, std::move(name));
  steps_.back().place.filename = shared == 0 ? "" : names_->PlaceOf(shared).filename;
}

// The module of a scope; 0: it is of another kind.
uintptr_t PathSteps::ModuleOf(uintptr_t context) {
  const uintptr_t module = objects_->Word(context, kFirstSlot + 2 * kWord);
  return objects_->TypeOf(module) == objects_->numbers().module ? module : 0;
}

// The function of a module's code, in whichever form the module refers to it; 0: none.
uintptr_t PathSteps::FunctionOf(uintptr_t module) {
  const Layout& layout = objects_->heap().layout();
  const int words = objects_->ShapeOf(module).size_in_words;
  for (int i = 1; module != 0 && i < words; i++) {
    const uintptr_t code = objects_->Word(module, i * kWord);
    if (objects_->heap().HasType(code, layout.type_shared_function_info)) return code;
    if (objects_->IsFunction(code)) return objects_->SharedOf(code);
    if (objects_->numbers().IsSuspended(objects_->TypeOf(code))) {
      return objects_->SharedOf(objects_->Word(code, kSuspendedFunction));
    }
  }
  return 0;
}

void PathSteps::AddFunction(const Place& at) {
  const HeapNumbers& n = objects_->numbers();
  const int offset = static_cast<int>(at.offset);
  if (offset == n.function_context_offset) {
    if (objects_->ScriptOf(at.object) != 0) Push(StepKind::kFunction, at.object);
  } else if (offset == n.initial_map && objects_->TypeOf(at.next) != n.v8_map) {
    Push(StepKind::kProperty, at.object, "prototype");
  } else if (offset == kProperties || offset == kElements) {
    Push(StepKind::kProperty, at.object);
  } else {
    const int first = objects_->ShapeOf(at.object).first_property * kWord;
    const std::string name =
        offset < first ? "" : PropertyName(at.object, (offset - first) / kWord);
    Push(name.empty() ? StepKind::kInternal : StepKind::kProperty, at.object, name);
  }
}

// What JavaScript can't refer to belongs to the object before it.
void PathSteps::AddInternal(const Place& at, int type) {
  const HeapNumbers& n = objects_->numbers();
  const int offset = static_cast<int>(at.offset);
  Step* last = steps_.empty() ? nullptr : &steps_.back();
  if (type == n.module) {
    module_ = at.object;
  } else if (type == n.cell && module_ != 0) {
    PushModule(at.object == 0 ? "" : ExportName(module_, at.object), FunctionOf(module_));
  } else if (last == nullptr) {
    return;
  } else if (type == n.property_cell && last->kind == StepKind::kGlobal) {
    last->name = names_->KeyText(objects_->Word(at.object, kPropertyCellName));
  } else if (type == n.property_array && last->kind == StepKind::kProperty) {
    const HeapObjects::Shape shape = objects_->ShapeOf(at.before);
    const int in_object = shape.size_in_words - shape.first_property;
    last->name = PropertyName(at.before, in_object + (offset - kArrayData) / kWord);
  } else if (type == n.v8_map && last->kind == StepKind::kPrototype) {
    if (offset == n.map_constructor) last->kind = StepKind::kClass;
    if (offset == n.map_descriptors) last->kind = StepKind::kProperty;
  } else if (type == n.v8_map && last->kind == StepKind::kInternal && last->type == kFunctionType) {
    if (offset == n.map_prototype) {
      last->kind = StepKind::kProperty;
      last->name = "prototype";
    }
  } else if ((type == n.descriptor_array || type == n.strong_descriptor_array) &&
             last->kind == StepKind::kProperty && !objects_->HasManyDescriptors(at.object)) {
    last->name = names_->KeyText(objects_->Word(at.object, offset - 2 * kWord));
  }
}

void PathSteps::AddReceiver(const Place& at, const HeapObjects::Shape& shape) {
  const HeapNumbers& n = objects_->numbers();
  const int offset = static_cast<int>(at.offset);
  const bool is_same_kind = objects_->Word(at.next, 0) == objects_->Word(at.object, 0);
  if (is_same_kind && offset >= kFirstField) {
    const Step* last = steps_.empty() ? nullptr : &steps_.back();
    if (last == nullptr || last->kind != StepKind::kList) Push(StepKind::kList, at.object);
    return;
  }
  if (offset == 0) return Push(StepKind::kPrototype, at.object);
  if (shape.type == n.proxy) {
    return Push(StepKind::kProxy, at.object,
                offset == kProxyTarget    ? "target"
                : offset == kProxyHandler ? "handler"
                                          : "");
  }
  if (shape.type == n.bound_function && offset >= kFirstField) {
    return Push(StepKind::kBound, at.object);
  }
  if (n.IsSuspended(shape.type) && offset >= kFirstField) {
    Push(StepKind::kSuspended, at.object);
    const uintptr_t shared = objects_->SharedOf(objects_->Word(at.object, kSuspendedFunction));
    if (shared != 0) steps_.back().place = names_->PlaceOf(shared);
    return;
  }
  if (shape.type == n.promise && offset == kPromiseReactions) {
    const bool is_pending = objects_->TypeOf(at.next) == n.reaction;
    return Push(is_pending ? StepKind::kPending : StepKind::kResult, at.object);
  }
  if (offset == kElements) return Push(StepKind::kElement, at.object);
  if (offset == kProperties) return Push(StepKind::kProperty, at.object);
  if ((shape.type == n.map || shape.type == n.set) && offset == kFirstField) {
    return Push(StepKind::kEntry, at.object);
  }
  const int first = shape.first_property * kWord;
  if (offset < first || objects_->HasDictionary(at.object)) {
    return Push(StepKind::kInternal, at.object);
  }
  Push(StepKind::kProperty, at.object, PropertyName(at.object, (offset - first) / kWord));
}

// What holds an object's elements or entries is the object itself.
void PathSteps::AddTarget(uintptr_t target) {
  const HeapNumbers& n = objects_->numbers();
  const bool is_outside = !HeapView::IsHeapObject(target);
  const int type = is_outside ? -1 : objects_->TypeOf(target);
  const bool is_internal =
      type > n.symbol && type < n.special_api_object && type != n.proxy && !n.IsContext(type);
  Step* last = steps_.empty() ? nullptr : &steps_.back();
  const bool is_part =
      last != nullptr && (last->kind == StepKind::kElement || last->kind == StepKind::kEntry ||
                          (last->kind == StepKind::kProperty && last->name.empty()));
  if (is_internal && is_part) {
    last->kind = StepKind::kTarget;
    return;
  }
  Push(StepKind::kTarget, is_outside ? 0 : target);
  if (is_outside) steps_.back().type = "memory of a buffer";
}

std::string PathSteps::TypeName(uintptr_t object) {
  const HeapNumbers& n = objects_->numbers();
  const int type = objects_->TypeOf(object);
  if (type < n.first_nonstring) return "(string)";
  if (type == n.array) return "Array";
  if (type == n.proxy) return "Proxy";
  if (type == n.bound_function) return "bound function";
  if (n.IsSuspended(type)) return "suspended function";
  if (n.IsContext(type)) return "(context)";
  if (type == n.fixed_array || type == n.fixed_double_array) return "(array)";
  if (type < n.special_api_object) return "(system)";
  return objects_->IsFunction(object) ? kFunctionType : names_->ClassOf(object);
}

// A scope's variables are in the order of their names, behind two or three words.
std::string PathSteps::Variable(uintptr_t context, uint32_t offset) {
  const HeapNumbers& n = objects_->numbers();
  const uintptr_t scope = objects_->Word(context, kContextScopeInfo);
  int32_t slots;
  int32_t variables;
  if (!objects_->heap().HasType(scope, n.scope_info) ||
      !objects_->heap().SmiField(context, kArrayLength, &slots) ||
      !objects_->heap().SmiField(scope, kWord * (1 + n.variable_count), &variables)) {
    return "";
  }
  constexpr int kFewestHeaderSlots = 2;
  // A third word before them, unless the word behind them is the function's own name.
  uintptr_t flags;
  constexpr int kFunctionName = 12;
  constexpr uint32_t kNameInScope = 2;
  int extra = slots - variables - kFewestHeaderSlots;
  if (extra > 0 && objects_->TypeOf(context) == n.function_context &&
      objects_->heap().Field(scope, kWord, &flags) &&
      ((static_cast<uint32_t>(HeapView::SmiValue(flags)) >> kFunctionName) & 3) == kNameInScope) {
    extra--;
  }
  const int index = (static_cast<int>(offset) - kFirstSlot) / kWord - kFewestHeaderSlots - extra;
  if (extra < 0 || extra > 1 || index < 0 || index >= variables) return "";
  int first = kWord * (1 + n.first_variable);
  // Since V8 12 a module's scope has the number of its imports and exports before the names.
  if (HeapView::IsSmi(objects_->Word(scope, first))) first += kWord;
  if (variables < kMostInlineNames) {
    return names_->KeyText(objects_->Word(scope, first + index * kWord));
  }
  const uintptr_t table = objects_->Word(scope, first);
  int32_t length;
  if (!objects_->heap().SmiField(table, kArrayLength, &length)) return "";
  for (int i = 0; i + 1 < length; i++) {
    const int at = kArrayData + i * kWord;
    int32_t value;
    if (objects_->heap().SmiField(table, at + kWord, &value) && value == index &&
        objects_->IsString(objects_->Word(table, at))) {
      return names_->KeyText(objects_->Word(table, at));
    }
  }
  return "";
}

std::string PathSteps::PropertyName(uintptr_t object, int field) {
  if (objects_->HasManyProperties(object)) return "";
  return names_->KeyText(objects_->KeyOfField(object, field));
}

// The name under which a module exports a cell.
std::string PathSteps::ExportName(uintptr_t module, uintptr_t cell) {
  constexpr int kMostWords = 1 << 14;
  const uintptr_t exports = objects_->Word(module, kModuleExports);
  int32_t length;
  if (!HeapView::IsHeapObject(exports) ||
      !objects_->heap().SmiField(exports, kArrayLength, &length)) {
    return "";
  }
  for (int i = 0; i + 1 < length && i < kMostWords; i++) {
    const int at = kArrayData + i * kWord;
    if (objects_->Word(exports, at + kWord) == cell) {
      return names_->KeyText(objects_->Word(exports, at));
    }
  }
  return "";
}

}  // namespace tracemalloc

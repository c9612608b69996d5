// SPDX-License-Identifier: MIT
#include "layout/verdicts/constructors.h"

#include "layout/heap_view.h"
#include "layout/object_offsets.h"
#include "layout/v8_facts.h"

namespace tracemalloc {
namespace {

bool MapOf(const HeapView& heap, uintptr_t object, uintptr_t* map, uint16_t* type) {
  return HeapView::IsHeapObject(object) && heap.Field(object, 0, map) &&
         HeapView::IsHeapObject(*map) && heap.Field(*map, kMapInstanceType, type);
}

// 0: not a function of the program.
uintptr_t ProgramFunction(const HeapView& heap, const V8Facts& v8, uintptr_t function) {
  const Layout& layout = heap.layout();
  uintptr_t map;
  uint16_t type;
  uintptr_t shared;
  uintptr_t script;
  int32_t script_type;
  if (!MapOf(heap, function, &map, &type) || type <= v8.last_api_object_type ||
      !heap.Field(function, layout.function_shared, &shared) ||
      !heap.HasType(shared, layout.type_shared_function_info) ||
      !heap.Field(shared, layout.shared_script, &script) ||
      !heap.HasType(script, layout.type_script) ||
      !heap.SmiField(script, layout.script_type, &script_type) ||
      script_type != kScriptTypeNormal) {
    return 0;
  }
  return shared;
}

}  // namespace

void FindConstructors(const HeapView& heap, const V8Facts& v8, uintptr_t object,
                      std::vector<uintptr_t>* functions) {
  // A map created by adding a property refers to the map before it: one map for each property.
  constexpr int kMostTransitions = 1 << 12;
  constexpr int kMostClasses = 64;
  functions->clear();
  uintptr_t map;
  uint16_t type;
  if (!MapOf(heap, object, &map, &type) || type != v8.object_type) return;
  uintptr_t meta_map;
  if (!heap.Field(map, 0, &meta_map)) return;
  uintptr_t function = map;
  for (int i = 0; i < kMostTransitions; ++i) {
    uintptr_t own_map;
    if (!HeapView::IsHeapObject(function) || !heap.Field(function, 0, &own_map)) return;
    if (own_map != meta_map) break;
    if (!heap.Field(function, kMapConstructorOrBackPointer, &function)) return;
  }
  for (int i = 0; i < kMostClasses; ++i) {
    const uintptr_t shared = ProgramFunction(heap, v8, function);
    if (shared == 0) return;
    functions->push_back(shared);
    if (!MapOf(heap, function, &map, &type) || !heap.Field(map, kMapPrototype, &function)) return;
  }
}

}  // namespace tracemalloc

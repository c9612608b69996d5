// SPDX-License-Identifier: MIT
#include "retainers/heap_numbers.h"

#include <initializer_list>
#include <string>

#include "layout/heap_view.h"
#include "layout/safe_read.h"

namespace tracemalloc {
namespace {

// In the order of V8's declarations (src/objects/contexts.tq), which sort these types.
constexpr int kContextTypes = 10;
constexpr int kFunctionContext = 5;
constexpr int kModuleContext = 6;
constexpr int kNativeContext = 7;
constexpr int kScriptContext = 8;

constexpr int kWeakMapTable = 24;  // JSCollection's table follows the header of a JSObject

struct Entry {
  int HeapNumbers::* member;
  std::initializer_list<const char*> names;
};

Status Missing(const std::string& what) {
  return Status::Error(StatusCode::kUnsupportedPlatform, "this V8 does not tell " + what);
}

int TypeOf(const HeapView& heap, uintptr_t tagged) {
  uintptr_t map;
  uint16_t type;
  return heap.Field(tagged, 0, &map) && HeapView::IsHeapObject(map) &&
                 heap.Field(map, kMapInstanceType, &type)
             ? type
             : -1;
}

Status ReadContexts(const HeapView& heap, const KnownObjects& known, HeapNumbers* n) {
  n->function_context = n->first_context + kFunctionContext;
  n->module_context = n->first_context + kModuleContext;
  n->native_context = n->first_context + kNativeContext;
  n->script_context = n->first_context + kScriptContext;
  if (n->last_context - n->first_context + 1 != kContextTypes ||
      TypeOf(heap, known.native_context) != n->native_context) {
    return Missing("the types of its scopes");
  }
  return Status::Ok();
}

// V8 does not export the layout of a WeakMap's table: that of a WeakMap with one entry shows it.
Status ReadEphemerons(const HeapView& heap, const KnownObjects& known, HeapNumbers* n) {
  constexpr int kMostWords = 64;
  uintptr_t table;
  if (!heap.ObjectField(known.weak_map, kWeakMapTable, TypeOf(heap, known.weak_map), &table) &&
      !heap.Field(known.weak_map, kWeakMapTable, &table)) {
    return Missing("the layout of a WeakMap");
  }
  n->ephemeron_table = TypeOf(heap, table);
  int32_t length;
  if (TypeOf(heap, known.weak_map) != n->weak_map || !HeapView::IsHeapObject(table) ||
      n->ephemeron_table <= n->fixed_array || !heap.SmiField(table, kArrayLength, &length)) {
    return Missing("the layout of a WeakMap");
  }
  for (int word = 0; word + 1 < length && word < kMostWords; word++) {
    const int offset = kArrayData + 8 * word;
    uintptr_t key;
    uintptr_t value;
    if (!heap.Field(table, offset, &key) || key != known.weak_key) continue;
    if (!heap.Field(table, offset + 8, &value) || value != known.weak_value) break;
    n->ephemeron_key = offset;
    return Status::Ok();
  }
  return Missing("the layout of a WeakMap");
}

Status ReadExported(HeapNumbers* n) {
  using N = HeapNumbers;
  const Entry required[] = {
      {&N::array, {"type_JSArray__JS_ARRAY_TYPE"}},
      {&N::map, {"type_JSMap__JS_MAP_TYPE"}},
      {&N::set, {"type_JSSet__JS_SET_TYPE"}},
      {&N::promise, {"type_JSPromise__JS_PROMISE_TYPE"}},
      {&N::weak_map, {"type_JSWeakMap__JS_WEAK_MAP_TYPE"}},
      {&N::weak_ref, {"type_JSWeakRef__JS_WEAK_REF_TYPE"}},
      {&N::weak_cell, {"type_WeakCell__WEAK_CELL_TYPE"}},
      {&N::proxy, {"type_JSProxy__JS_PROXY_TYPE"}},
      {&N::bound_function, {"type_JSBoundFunction__JS_BOUND_FUNCTION_TYPE"}},
      {&N::async_function, {"type_JSAsyncFunctionObject__JS_ASYNC_FUNCTION_OBJECT_TYPE"}},
      {&N::async_generator, {"type_JSAsyncGeneratorObject__JS_ASYNC_GENERATOR_OBJECT_TYPE"}},
      {&N::property_array, {"type_PropertyArray__PROPERTY_ARRAY_TYPE"}},
      {&N::fixed_array, {"type_FixedArray__FIXED_ARRAY_TYPE"}},
      {&N::fixed_double_array, {"type_FixedDoubleArray__FIXED_DOUBLE_ARRAY_TYPE"}},
      {&N::byte_array, {"type_ByteArray__BYTE_ARRAY_TYPE"}},
      {&N::descriptor_array, {"type_DescriptorArray__DESCRIPTOR_ARRAY_TYPE"}},
      {&N::cell, {"type_Cell__CELL_TYPE"}},
      {&N::property_cell, {"type_PropertyCell__PROPERTY_CELL_TYPE"}},
      {&N::reaction, {"type_PromiseReaction__PROMISE_REACTION_TYPE"}},
      {&N::v8_map, {"type_Map__MAP_TYPE"}},
      {&N::module, {"type_SourceTextModule__SOURCE_TEXT_MODULE_TYPE"}},
      {&N::symbol, {"type_Symbol__SYMBOL_TYPE"}},
      {&N::feedback_cell, {"type_FeedbackCell__FEEDBACK_CELL_TYPE"}},
      {&N::feedback_vector, {"type_FeedbackVector__FEEDBACK_VECTOR_TYPE"}},
      {&N::scope_info, {"type_ScopeInfo__SCOPE_INFO_TYPE"}},
      {&N::global_object, {"type_JSGlobalObject__JS_GLOBAL_OBJECT_TYPE"}},
      {&N::array_buffer, {"type_JSArrayBuffer__JS_ARRAY_BUFFER_TYPE"}},
      {&N::first_nonstring, {"FirstNonstringType"}},
      {&N::first_context, {"FirstContextType"}},
      {&N::last_context, {"LastContextType"}},
      {&N::special_api_object, {"SpecialAPIObjectType"}},
      {&N::function_context_offset, {"class_JSFunction__context__Context"}},
      {&N::initial_map,
       {"class_JSFunction__prototype_or_initial_map__Tagged_UnionOf_JSPrototype_Map_TheHole_",
        "class_JSFunction__prototype_or_initial_map__Tagged_UnionOf_JSPrototype_Map_Hole_",
        "class_JSFunction__prototype_or_initial_map__Tagged_HeapObject_",
        "class_JSFunction__prototype_or_initial_map__HeapObject"}},
      {&N::shared_name,
       {"class_SharedFunctionInfo__name_or_scope_info__Tagged_NameOrScopeInfoT_",
        "class_SharedFunctionInfo__name_or_scope_info__Tagged_Object_",
        "class_SharedFunctionInfo__name_or_scope_info__Object"}},
      {&N::script_name, {"class_Script__name__Object"}},
      {&N::script_source, {"class_Script__source__Object"}},
      {&N::map_prototype, {"class_Map__prototype__Object"}},
      {&N::map_constructor,
       {"class_Map__constructor_or_back_pointer__Tagged_Object_",
        "class_Map__constructor_or_back_pointer__Object"}},
      {&N::map_descriptors, {"class_Map__instance_descriptors_offset"}},
      {&N::map_bit_field2, {"class_Map__bit_field2__char"}},
      {&N::map_bit_field3, {"class_Map__bit_field3__int"}},
      {&N::dictionary_shift, {"bit_field3_is_dictionary_map_shift"}},
      {&N::descriptors_header, {"class_DescriptorArray__header_size__uintptr_t"}},
      {&N::index_shift, {"prop_index_shift"}},
      {&N::index_mask, {"prop_index_mask"}},
      {&N::location_mask, {"prop_location_mask"}},
      {&N::symbol_name, {"class_Symbol__name__Object"}},
      {&N::buffer_memory, {"class_JSArrayBuffer__backing_store__uintptr_t"}},
      {&N::first_variable, {"scopeinfo_idx_first_vars"}},
      {&N::variable_count, {"scopeinfo_idx_ncontextlocals"}},
  };
  for (const Entry& entry : required) {
    n->*entry.member = V8DebugConstant(entry.names);
    if (n->*entry.member < 0) return Missing(*entry.names.begin());
  }
  // By V8's order of types FillerObject's is between them.
  n->free_space = n->feedback_vector + 2;
  const int free_space = V8DebugConstant({"type_FreeSpace__FREE_SPACE_TYPE"});
  if (free_space >= 0 && free_space != n->free_space) return Missing("the type of its free memory");
  n->strong_descriptor_array =
      V8DebugConstant({"type_StrongDescriptorArray__STRONG_DESCRIPTOR_ARRAY_TYPE"});
  n->context_cell =
      V8DebugConstant({"type_ContextCell__CONTEXT_CELL_TYPE",
                       "type_ContextSidePropertyCell__CONTEXT_SIDE_PROPERTY_CELL_TYPE"});
  return Status::Ok();
}

}  // namespace

Status ReadHeapNumbers(const Layout* layout, const KnownObjects& known, HeapNumbers* numbers) {
  *numbers = {};
  numbers->layout = layout;
  Status status = ReadExported(numbers);
  const HeapView heap(layout, Memory::kChecked);
  if (status.ok()) status = ReadContexts(heap, known, numbers);
  if (status.ok()) status = ReadEphemerons(heap, known, numbers);
  numbers->generator = TypeOf(heap, known.generator);
  numbers->api_object_first = known.object_type + 1;
  numbers->api_object_last = known.last_api_object_type;
  return status;
}

}  // namespace tracemalloc

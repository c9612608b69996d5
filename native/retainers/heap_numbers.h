// SPDX-License-Identifier: MIT
// The instance types and offsets that are needed to follow references upwards and to name them.
// All of them are exported by V8 (v8dbg_ symbols, written by tools/gen-postmortem-metadata.py at
// 11.3 to 14.6), read from objects whose contents are known, or counted from a neighbour in V8's
// order of types (scopes, and the memory that V8 has freed: Node 24 and 26 do not export that type,
// and it is not checked there). If one is missing or contradicts another, the search refuses.
#ifndef TRACEMALLOC_RETAINERS_HEAP_NUMBERS_H_
#define TRACEMALLOC_RETAINERS_HEAP_NUMBERS_H_

#include <cstdint>

#include "core/status.h"
#include "layout/layout.h"

namespace tracemalloc {

// Objects of known contents, tagged, and facts from V8's API. The objects must not move meanwhile.
struct KnownObjects {
  uintptr_t native_context;
  uintptr_t weak_map;  // with one entry
  uintptr_t weak_key;
  uintptr_t weak_value;
  uintptr_t generator;
  int object_type;           // of what a class of the program makes
  int last_api_object_type;  // the last of those that native code makes
};

struct HeapNumbers {
  const Layout* layout;

  // Instance types; -1: this V8 has no such type.
  int array, map, set, promise, weak_map, weak_ref, weak_cell, proxy, bound_function;
  int generator, async_function, async_generator;
  int property_array, fixed_array, descriptor_array, strong_descriptor_array;
  int cell, property_cell, context_cell, reaction, v8_map, module, symbol;
  int feedback_cell, feedback_vector, free_space, scope_info, global_object, array_buffer;
  int fixed_double_array, byte_array;
  int first_nonstring;
  int first_context, last_context;
  int function_context, module_context, native_context, script_context;
  int ephemeron_table;
  int api_object_first, api_object_last, special_api_object;

  // Offsets in bytes from an untagged address.
  int function_context_offset, initial_map;
  int shared_name;
  int script_name, script_source;
  int map_prototype, map_constructor, map_descriptors, map_bit_field2, map_bit_field3,
      dictionary_shift;
  int descriptors_header, index_shift, index_mask, location_mask;
  int symbol_name;
  int buffer_memory;
  int first_variable, variable_count;  // words of a ScopeInfo
  int ephemeron_key;                   // of one in the table; keys and values alternate

  bool IsContext(int type) const { return type >= first_context && type <= last_context; }
  // Made by native code, such as a handle of libuv.
  bool IsApiObject(int type) const {
    return (type >= api_object_first && type <= api_object_last) || type == special_api_object;
  }
  bool IsSuspended(int type) const {
    return type == generator || type == async_function || type == async_generator;
  }
};

// kUnsupportedPlatform, with what is missing.
Status ReadHeapNumbers(const Layout* layout, const KnownObjects& known, HeapNumbers* numbers);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_RETAINERS_HEAP_NUMBERS_H_

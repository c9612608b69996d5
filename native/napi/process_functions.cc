// SPDX-License-Identifier: MIT
#include "napi/process_functions.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/script_name.h"
#include "napi/values.h"
#include "process/heap_sizes.h"
#include "process/malloc_figures.h"
#include "process/replace_process.h"
#include "process/resident_memory.h"

namespace tracemalloc {

// A change of nothing answers the sum, which V8 offers nowhere else.
napi_value GetExternalMemory(napi_env env, napi_callback_info info) {
  int64_t bytes = 0;
  napi_adjust_external_memory(env, 0, &bytes);
  return Number(env, static_cast<double>(bytes));
}

napi_value GetMallocFigures(napi_env env, napi_callback_info info) {
  MallocFigures figures;
  if (!GetMallocFigures(&figures)) return nullptr;
  napi_value result;
  napi_create_object(env, &result);
  napi_set_named_property(env, result, "inUse", Number(env, static_cast<double>(figures.in_use)));
  napi_set_named_property(env, result, "free", Number(env, static_cast<double>(figures.free)));
  napi_set_named_property(env, result, "mapped", Number(env, static_cast<double>(figures.mapped)));
  return result;
}

napi_value GetHeapSizes(napi_env env, napi_callback_info info) {
  napi_value list;
  napi_create_array(env, &list);
  uint32_t i = 0;
  for (const HeapSize& heap : HeapSizes()) {
    napi_value entry;
    napi_create_object(env, &entry);
    napi_set_named_property(env, entry, "threadId", Number(env, heap.thread_id));
    napi_set_named_property(env, entry, "bytes", Number(env, static_cast<double>(heap.bytes)));
    napi_set_element(env, list, i++, entry);
  }
  return list;
}

napi_value GetMappings(napi_env env, napi_callback_info info) {
  auto mappings = std::make_unique<std::vector<Mapping>>(ReadMappings());
  if (mappings->empty()) return nullptr;
  const auto release = [](napi_env, void* list, void*) {
    delete static_cast<std::vector<Mapping>*>(list);
  };
  napi_value result = nullptr;
  if (napi_create_external(env, mappings.get(), release, nullptr, &result) != napi_ok) {
    return nullptr;
  }
  mappings.release();
  return result;
}

napi_value GetResidentMemory(napi_env env, napi_callback_info info) {
  napi_value argument;
  void* mappings;
  if (!GetArgument(env, info, &argument) ||
      napi_get_value_external(env, argument, &mappings) != napi_ok) {
    Throw(env, Status::Error(StatusCode::kInvalidArgument, "residentMemory(mappings)"));
    return nullptr;
  }
  ResidentMemory memory = MeasureResidentMemory(*static_cast<std::vector<Mapping>*>(mappings));
  constexpr std::pair<const char*, MappingKind> kNames[] = {
      {"v8", MappingKind::kV8},     {"arena", MappingKind::kArena}, {"wasm", MappingKind::kWasm},
      {"code", MappingKind::kCode}, {"stack", MappingKind::kStack}, {"other", MappingKind::kOther},
  };
  napi_value result;
  napi_create_object(env, &result);
  for (const auto& [name, kind] : kNames) {
    napi_set_named_property(env, result, name, Number(env, static_cast<double>(memory.of(kind))));
  }
  napi_set_named_property(env, result, "wasmMapped",
                          Number(env, static_cast<double>(memory.wasm_mapped)));
  napi_set_named_property(env, result, "arenaMapped",
                          Number(env, static_cast<double>(memory.arena_mapped)));
  return result;
}

namespace {

bool GetTexts(napi_env env, napi_value object, const char* name, std::vector<std::string>* texts) {
  napi_value list, element;
  uint32_t length = 0;
  if (napi_get_named_property(env, object, name, &list) != napi_ok ||
      napi_get_array_length(env, list, &length) != napi_ok) {
    return false;
  }
  texts->resize(length);
  for (uint32_t i = 0; i < length; ++i) {
    if (napi_get_element(env, list, i, &element) != napi_ok ||
        !GetText(env, element, &(*texts)[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace

napi_value ReplaceProcess(napi_env env, napi_callback_info info) {
  napi_value options;
  std::vector<std::string> arguments, environment;
  if (!GetArgument(env, info, &options) || !GetTexts(env, options, "arguments", &arguments) ||
      !GetTexts(env, options, "environment", &environment) || arguments.empty()) {
    Throw(env, Status::Error(StatusCode::kInvalidArgument,
                             "replaceProcess({ arguments: [file, ...], environment: strings })"));
    return nullptr;
  }
  ReplaceProcess(std::move(arguments), std::move(environment));
  return nullptr;
}

napi_value GetScriptName(napi_env env, napi_callback_info info) {
  napi_value argument;
  std::string name;
  if (!GetArgument(env, info, &argument) || !GetText(env, argument, &name)) {
    Throw(env, Status::Error(StatusCode::kInvalidArgument, "scriptName(name)"));
    return nullptr;
  }
  return String(env, ScriptName(name));
}

}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
#include "napi/process_functions.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/script_name.h"
#include "napi/errors.h"
#include "napi/options.h"
#include "process/heap_sizes.h"
#include "process/malloc_figures.h"
#include "process/replace_process.h"
#include "process/resident_memory.h"

namespace tracemalloc {

// A change of nothing answers the sum, which V8 offers nowhere else.
Napi::Value GetExternalMemory(const Napi::CallbackInfo& info) {
  const int64_t bytes = Napi::MemoryManagement::AdjustExternalMemory(info.Env(), 0);
  return Napi::Number::New(info.Env(), static_cast<double>(bytes));
}

Napi::Value GetMallocFigures(const Napi::CallbackInfo& info) {
  MallocFigures figures;
  if (!GetMallocFigures(&figures)) return {};
  auto result = Napi::Object::New(info.Env());
  result.Set("inUse", static_cast<double>(figures.in_use));
  result.Set("free", static_cast<double>(figures.free));
  result.Set("mapped", static_cast<double>(figures.mapped));
  return result;
}

Napi::Value GetHeapSizes(const Napi::CallbackInfo& info) {
  auto list = Napi::Array::New(info.Env());
  for (const HeapSize& heap : HeapSizes()) {
    auto entry = Napi::Object::New(info.Env());
    entry.Set("threadId", static_cast<double>(heap.thread_id));
    entry.Set("bytes", static_cast<double>(heap.bytes));
    list[list.Length()] = entry;
  }
  return list;
}

Napi::Value GetMappings(const Napi::CallbackInfo& info) {
  auto mappings = std::make_unique<std::vector<Mapping>>(ReadMappings());
  if (mappings->empty()) return {};
  const auto release = [](Napi::Env, std::vector<Mapping>* list) { delete list; };
  auto result = Napi::External<std::vector<Mapping>>::New(info.Env(), mappings.get(), release);
  mappings.release();
  return result;
}

Napi::Value GetResidentMemory(const Napi::CallbackInfo& info) {
  if (!info[0].IsExternal()) throw UsageError(info.Env(), "residentMemory(mappings)");
  const auto mappings = info[0].As<Napi::External<std::vector<Mapping>>>();
  ResidentMemory memory = MeasureResidentMemory(*mappings.Data());
  constexpr std::pair<const char*, MappingKind> kNames[] = {
      {"v8", MappingKind::kV8},     {"arena", MappingKind::kArena}, {"wasm", MappingKind::kWasm},
      {"code", MappingKind::kCode}, {"stack", MappingKind::kStack}, {"other", MappingKind::kOther},
  };
  auto result = Napi::Object::New(info.Env());
  for (const auto& [name, kind] : kNames) result.Set(name, static_cast<double>(memory.of(kind)));
  result.Set("wasmMapped", static_cast<double>(memory.wasm_mapped));
  return result;
}

Napi::Value ReplaceProcess(const Napi::CallbackInfo& info) {
  Options options(info);
  std::vector<std::string> arguments = options.Texts("arguments");
  std::vector<std::string> environment = options.Texts("environment");
  if (!options.are_valid() || arguments.empty()) {
    throw UsageError(info.Env(),
                     "replaceProcess({ arguments: [file, ...], environment: strings })");
  }
  ReplaceProcess(std::move(arguments), std::move(environment));
  return {};
}

Napi::Value GetScriptName(const Napi::CallbackInfo& info) {
  if (!info[0].IsString()) throw UsageError(info.Env(), "scriptName(name)");
  const std::string name = info[0].As<Napi::String>();
  return Napi::String::New(info.Env(), ScriptName(name));
}

}  // namespace tracemalloc

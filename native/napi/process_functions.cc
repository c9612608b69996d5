// SPDX-License-Identifier: MIT
#include "napi/process_functions.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/script_name.h"
#include "napi/arguments.h"
#include "process/heap_sizes.h"
#include "process/malloc_figures.h"
#include "process/replace_process.h"
#include "process/resident_memory.h"

namespace tracemalloc {

// A change by 0 returns the sum, which V8 offers nowhere else.
Napi::Value GetExternalMemory(const Napi::CallbackInfo& info) {
  const int64_t bytes = Napi::MemoryManagement::AdjustExternalMemory(info.Env(), 0);
  return Napi::Number::New(info.Env(), static_cast<double>(bytes));
}

Napi::Value GetMallocFigures(const Napi::CallbackInfo& info) {
  MallocFigures figures;
  if (!GetMallocFigures(&figures)) return info.Env().Undefined();
  const auto result = Napi::Object::New(info.Env());
  result.Set("inUse", static_cast<double>(figures.in_use));
  result.Set("free", static_cast<double>(figures.free));
  result.Set("mapped", static_cast<double>(figures.mapped));
  return result;
}

Napi::Value GetHeapSizes(const Napi::CallbackInfo& info) {
  const auto list = Napi::Array::New(info.Env());
  for (const HeapSize& heap : HeapSizes()) {
    const auto entry = Napi::Object::New(info.Env());
    entry.Set("threadId", static_cast<double>(heap.thread_id));
    entry.Set("bytes", static_cast<double>(heap.bytes));
    list.Set(list.Length(), entry);
  }
  return list;
}

Napi::Value GetMappings(const Napi::CallbackInfo& info) {
  auto mappings = std::make_unique<std::vector<Mapping>>(ReadMappings());
  if (mappings->empty()) return info.Env().Undefined();
  const auto release = [](Napi::Env, std::vector<Mapping>* list) { delete list; };
  const auto result =
      Napi::External<std::vector<Mapping>>::New(info.Env(), mappings.get(), release);
  static_cast<void>(mappings.release());
  return result;
}

Napi::Value GetResidentMemory(const Napi::CallbackInfo& info) {
  const Argument mappings(info, "residentMemory(mappings)");
  ResidentMemory memory = MeasureResidentMemory(*mappings.External<std::vector<Mapping>>());
  constexpr std::pair<const char*, MappingKind> kNames[] = {
      {"v8", MappingKind::kV8},     {"arena", MappingKind::kArena}, {"wasm", MappingKind::kWasm},
      {"code", MappingKind::kCode}, {"stack", MappingKind::kStack}, {"other", MappingKind::kOther},
  };
  const auto result = Napi::Object::New(info.Env());
  for (const auto& [name, kind] : kNames) result.Set(name, static_cast<double>(memory.of(kind)));
  result.Set("wasmMapped", static_cast<double>(memory.wasm_mapped));
  result.Set("arenaMapped", static_cast<double>(memory.arena_mapped));
  return result;
}

Napi::Value ReplaceProcess(const Napi::CallbackInfo& info) {
  const Argument options(info, "replaceProcess({ arguments: [file, ...], environment: strings })");
  std::vector<std::string> arguments = options["arguments"].Texts();
  options.Require(!arguments.empty());
  ReplaceProcess(std::move(arguments), options["environment"].Texts());
  return info.Env().Undefined();
}

Napi::Value GetScriptName(const Napi::CallbackInfo& info) {
  const std::string name = Argument(info, "scriptName(name)").Text();
  return Napi::String::New(info.Env(), ScriptName(name));
}

}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
// The boundary to JavaScript: what the addon exports. It translates and no more: the TypeScript
// side validates, this file re-checks types, the tracer does the work. Its TypeScript twin is
// src/addon/binding.ts.
#include <node_api.h>
#include <v8.h>

#include <cstring>
#include <iterator>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "napi/held_signals.h"
#include "napi/process_functions.h"
#include "napi/values.h"
#include "tracer.h"

namespace tracemalloc {
namespace {

Tracer* GetTracer(napi_env env) {
  void* tracer = nullptr;
  napi_get_instance_data(env, &tracer);
  return static_cast<Tracer*>(tracer);
}

// Null, with an exception pending, when not tracing.
Tracer* GetTracing(napi_env env) {
  Tracer* tracer = GetTracer(env);
  if (tracer != nullptr && tracer->is_tracing()) return tracer;
  Throw(env, Status::Error(StatusCode::kNotTracing, "not tracing"));
  return nullptr;
}

// False, with an exception pending, in the middle of its work.
bool IsIdle(napi_env env, const Tracer& tracer) {
  if (!tracer.is_placing()) return true;
  Throw(env, Status::Error(StatusCode::kBusy,
                           "called from a hook of the program's while a part of tracemalloc is "
                           "loaded: call it later"));
  return false;
}

Tracer* GetIdle(napi_env env) {
  Tracer* tracer = GetTracing(env);
  return tracer != nullptr && IsIdle(env, *tracer) ? tracer : nullptr;
}

bool GetPrecision(napi_env env, napi_value object, Precision* precision) {
  napi_value value;
  char name[16];
  size_t length;
  if (napi_get_named_property(env, object, "precision", &value) != napi_ok ||
      napi_get_value_string_utf8(env, value, name, sizeof(name), &length) != napi_ok) {
    return false;
  }
  if (std::strcmp(name, "auto") == 0) return *precision = Precision::kAuto, true;
  if (std::strcmp(name, "line") == 0) return *precision = Precision::kLine, true;
  if (std::strcmp(name, "function") == 0) return *precision = Precision::kFunction, true;
  return false;
}

// Node-API hands out Locals under another name.
template <typename T>
v8::Local<T> LocalOf(napi_value value) {
  v8::Local<T> local;
  static_assert(sizeof(local) == sizeof(napi_value), "a napi_value is a Local");
  std::memcpy(static_cast<void*>(&local), static_cast<const void*>(&value), sizeof(local));
  return local;
}

bool GetFunction(napi_env env, napi_value object, const char* name,
                 v8::Local<v8::Function>* function) {
  napi_value value;
  napi_valuetype type;
  if (napi_get_named_property(env, object, name, &value) != napi_ok ||
      napi_typeof(env, value, &type) != napi_ok || type != napi_function) {
    return false;
  }
  *function = LocalOf<v8::Function>(value);
  return true;
}

napi_value Start(napi_env env, napi_callback_info info) {
  napi_value argument;
  double interval, limit, thread_id;
  TracerOptions options;
  if (!GetArgument(env, info, &argument) ||
      !GetNumber(env, argument, "sampleInterval", &interval) ||
      !GetNumber(env, argument, "tracebackLimit", &limit) ||
      !GetNumber(env, argument, "threadId", &thread_id) ||
      !GetPrecision(env, argument, &options.precision) ||
      !GetBoolean(env, argument, "heap", &options.traces_heap) ||
      !GetBoolean(env, argument, "buffer", &options.traces_buffers) ||
      !GetText(env, argument, "tracingFlags", &options.flags.tracing) ||
      !GetText(env, argument, "usualFlags", &options.flags.usual) ||
      !GetFunction(env, argument, "placeLiterals", &options.place_literals) || !(interval >= 1) ||
      !(limit >= 1) || !(limit <= 128)) {
    Throw(env, Status::Error(
                   StatusCode::kInvalidArgument,
                   "start({ sampleInterval >= 1, 1 <= tracebackLimit <= 128, precision: "
                   "'auto' | 'line' | 'function', heap, buffer: boolean, threadId, tracingFlags, "
                   "usualFlags, placeLiterals: function })"));
    return nullptr;
  }
  options.sample_interval = interval;
  options.traceback_limit = static_cast<uint32_t>(limit);
  options.thread_id = static_cast<uint32_t>(thread_id);
  const Status status = GetTracer(env)->Start(options);
  if (!status.ok()) Throw(env, status);
  return nullptr;
}

napi_value Stop(napi_env env, napi_callback_info info) {
  Tracer* tracer = GetTracer(env);
  if (IsIdle(env, *tracer)) tracer->Stop();
  return nullptr;
}

napi_value IsTracing(napi_env env, napi_callback_info info) {
  return Boolean(env, GetTracer(env)->is_tracing());
}

bool GetAcknowledged(napi_env env, napi_callback_info info, uint32_t* acknowledged) {
  napi_value argument;
  if (GetArgument(env, info, &argument) &&
      napi_get_value_uint32(env, argument, acknowledged) == napi_ok) {
    return true;
  }
  Throw(env, Status::Error(StatusCode::kInvalidArgument, "acknowledged must be a number"));
  return false;
}

napi_value PlaceNext(napi_env env, napi_callback_info info) {
  Tracer* tracer = GetIdle(env);
  return tracer == nullptr ? nullptr : Boolean(env, tracer->PlaceNext());
}

napi_value TakeBatch(napi_env env, napi_callback_info info) {
  Tracer* tracer = GetIdle(env);
  uint32_t acknowledged;
  if (tracer == nullptr || !GetAcknowledged(env, info, &acknowledged)) return nullptr;
  const std::vector<uint8_t> batch = tracer->TakeBatch(acknowledged);
  return Copy(env, batch.data(), batch.size());
}

napi_value TakeBatchAndNewborns(napi_env env, napi_callback_info info) {
  Tracer* tracer = GetIdle(env);
  uint32_t acknowledged;
  if (tracer == nullptr || !GetAcknowledged(env, info, &acknowledged)) return nullptr;
  std::vector<uint8_t> batch;
  std::vector<Newborn> newborns;
  const Status status = tracer->TakeBatchAndNewborns(acknowledged, &batch, &newborns);
  if (!status.ok()) {
    Throw(env, status);
    return nullptr;
  }
  std::vector<double> rows;
  rows.reserve(newborns.size() * 6);
  for (const Newborn& n : newborns) {
    rows.insert(rows.end(), {static_cast<double>(n.site), static_cast<double>(n.type), n.size,
                             n.count, n.variance, static_cast<double>(n.samples)});
  }
  napi_value pair;
  napi_value batch_copy = Copy(env, batch.data(), batch.size());
  if (batch_copy == nullptr) return nullptr;
  napi_value rows_copy = Copy(env, rows.data(), rows.size() * sizeof(double));
  if (rows_copy == nullptr) return nullptr;
  napi_create_array_with_length(env, 2, &pair);
  napi_set_element(env, pair, 0, batch_copy);
  napi_set_element(env, pair, 1, rows_copy);
  return pair;
}

// Undefined: unknown.
napi_value ElderSizes(napi_env env, napi_callback_info info) {
  Tracer* tracer = GetIdle(env);
  uint32_t batch;
  if (tracer == nullptr || !GetAcknowledged(env, info, &batch)) return nullptr;
  std::vector<double> sizes;
  if (!tracer->SumElders(batch, &sizes)) return nullptr;
  return Copy(env, sizes.data(), sizes.size() * sizeof(double));
}

// -1: unknown.
napi_value FindSite(napi_env env, napi_callback_info info) {
  Tracer* tracer = GetIdle(env);
  if (tracer == nullptr) return nullptr;
  napi_value argument;
  if (!GetArgument(env, info, &argument)) {
    Throw(env, Status::Error(StatusCode::kInvalidArgument, "findSite(object)"));
    return nullptr;
  }
  SiteId site;
  return Number(env, tracer->FindSite(LocalOf<v8::Value>(argument), &site) ? site : -1.0);
}

napi_value Clear(napi_env env, napi_callback_info info) {
  Tracer* tracer = GetIdle(env);
  if (tracer == nullptr) return nullptr;
  const Status status = tracer->Clear();
  if (!status.ok()) Throw(env, status);
  return nullptr;
}

napi_value TracedMemory(napi_env env, napi_callback_info info) {
  Tracer* tracer = GetTracing(env);
  if (tracer == nullptr) return nullptr;
  tracer->RefreshCounters();
  napi_value pair;
  napi_create_array_with_length(env, 2, &pair);
  napi_set_element(env, pair, 0, Number(env, tracer->tables().sites.traced_current()));
  napi_set_element(env, pair, 1, Number(env, tracer->tables().sites.traced_peak()));
  return pair;
}

napi_value ResetPeak(napi_env env, napi_callback_info info) {
  Tracer* tracer = GetTracing(env);
  if (tracer != nullptr) tracer->ResetPeak();
  return nullptr;
}

napi_value TrackerMemory(napi_env env, napi_callback_info info) {
  return Number(env, static_cast<double>(GetTracer(env)->MemoryUsage()));
}

napi_value WatchHeapLimit(napi_env env, napi_callback_info info) {
  Tracer* tracer = GetTracing(env);
  if (tracer == nullptr) return nullptr;
  napi_value argument;
  std::string format;
  double top, thread_id;
  HeapLimitOptions options;
  if (!GetArgument(env, info, &argument) || !GetNumber(env, argument, "top", &top) ||
      !GetNumber(env, argument, "threadId", &thread_id) ||
      !GetNumber(env, argument, "sampleInterval", &options.sample_interval) ||
      !GetText(env, argument, "format", &format) ||
      !GetText(env, argument, "directory", &options.directory) ||
      !GetText(env, argument, "own", &options.own) ||
      !GetText(env, argument, "reportFacts", &options.report_facts) ||
      !GetText(env, argument, "profileFacts", &options.profile_facts) ||
      !GetText(env, argument, "processFacts", &options.process_facts) || !(top >= 1)) {
    Throw(env, Status::Error(StatusCode::kInvalidArgument,
                             "watchHeapLimit({ top >= 1, threadId, sampleInterval, format, "
                             "directory, own, reportFacts, profileFacts, processFacts })"));
    return nullptr;
  }
  options.top = static_cast<uint32_t>(top);
  options.thread_id = static_cast<uint64_t>(thread_id);
  options.as_text = format == "text";
  tracer->WatchHeapLimit(std::move(options));
  return nullptr;
}

napi_value UnwatchHeapLimit(napi_env env, napi_callback_info info) {
  GetTracer(env)->UnwatchHeapLimit();
  return nullptr;
}

napi_value GetStatus(napi_env env, napi_callback_info info) {
  Tracer* tracer = GetTracing(env);
  if (tracer == nullptr) return nullptr;
  const EngineReport report = tracer->Report();
  napi_value result, diagnostics;
  napi_create_object(env, &result);
  napi_create_object(env, &diagnostics);
  for (const auto& [name, count] : report.diagnostics) {
    napi_set_named_property(env, diagnostics, name.c_str(), Number(env, count));
  }
  const Tables& tables = tracer->tables();
  napi_set_named_property(env, diagnostics, "siteOverflow",
                          Number(env, static_cast<double>(tables.sites.overflow())));
  napi_set_named_property(env, diagnostics, "sitesGivenBack",
                          Number(env, static_cast<double>(tables.given_back)));
  napi_set_named_property(env, result, "engine", String(env, report.name));
  napi_set_named_property(env, result, "precision", String(env, report.precision));
  napi_set_named_property(env, result, "reason", String(env, report.reason));
  napi_set_named_property(env, result, "heap", Boolean(env, tracer->traces_heap()));
  napi_set_named_property(env, result, "buffer", Boolean(env, tracer->traces_buffers()));
  napi_set_named_property(env, result, "lost", Boolean(env, report.lost));
  napi_set_named_property(env, result, "fullCollections", Number(env, tracer->full_collections()));
  napi_set_named_property(env, result, "liveSamples",
                          Number(env, static_cast<double>(tables.sites.live_samples())));
  napi_set_named_property(env, result, "sites", Number(env, tables.sites.size()));
  napi_set_named_property(env, result, "frames", Number(env, tables.frames.size()));
  napi_set_named_property(env, result, "diagnostics", diagnostics);
  return result;
}

// No exception may get to Node, which is compiled without them.
template <napi_value (*function)(napi_env, napi_callback_info)>
napi_value Guarded(napi_env env, napi_callback_info info) {
  try {
    return function(env, info);
  } catch (const std::bad_alloc&) {
    Throw(env, Status::OutOfMemory());
    return nullptr;
  }
}

// A sampler that still runs when its isolate is torn down corrupts memory on Node 24; hooks run
// before that, instance data is finalized too late to rely on.
void StopAtExit(void* tracer) { static_cast<Tracer*>(tracer)->Stop(); }

void DeleteTracer(napi_env env, void* tracer, void* hint) { delete static_cast<Tracer*>(tracer); }

}  // namespace

napi_value Init(napi_env env, napi_value exports) {
  // Node checks the ABI of addons that do not speak Node-API only. This one does, and calls V8 too:
  // under another V8 it would crash, or worse, answer.
  const napi_node_version* running;
  if (napi_get_node_version(env, &running) != napi_ok || running->major != kBuiltFor.node_major) {
    Throw(env,
          Status::Error(StatusCode::kUnsupportedPlatform,
                        "this binary was built for Node " + std::to_string(kBuiltFor.node_major) +
                            " (ABI " + std::to_string(kBuiltFor.abi) + ")"));
    return nullptr;
  }
  napi_set_named_property(env, exports, "builtFor", Number(env, kBuiltFor.abi));
  auto* tracer = new Tracer(v8::Isolate::GetCurrent());
  napi_set_instance_data(env, tracer, DeleteTracer, nullptr);
  napi_add_env_cleanup_hook(env, StopAtExit, tracer);
  const napi_property_descriptor methods[] = {
#define METHOD(name, function) \
  {name, nullptr, Guarded<function>, nullptr, nullptr, nullptr, napi_default, nullptr}
      METHOD("start", Start),
      METHOD("stop", Stop),
      METHOD("isTracing", IsTracing),
      METHOD("placeNext", PlaceNext),
      METHOD("takeBatch", TakeBatch),
      METHOD("clear", Clear),
      METHOD("tracedMemory", TracedMemory),
      METHOD("resetPeak", ResetPeak),
      METHOD("trackerMemory", TrackerMemory),
      METHOD("status", GetStatus),
      METHOD("findSite", FindSite),
      METHOD("takeBatchAndNewborns", TakeBatchAndNewborns),
      METHOD("elderSizes", ElderSizes),
      METHOD("watchHeapLimit", WatchHeapLimit),
      METHOD("unwatchHeapLimit", UnwatchHeapLimit),
      METHOD("externalMemory", GetExternalMemory),
      METHOD("mallocFigures", GetMallocFigures),
      METHOD("heapSizes", GetHeapSizes),
      METHOD("mappings", GetMappings),
      METHOD("residentMemory", GetResidentMemory),
      METHOD("replaceProcess", ReplaceProcess),
      METHOD("onHeldSignal", OnHeldSignal),
      METHOD("holdSignal", HoldSignal),
      METHOD("releaseSignals", ReleaseSignals),
      METHOD("scriptName", GetScriptName),
#undef METHOD
  };
  napi_define_properties(env, exports, std::size(methods), methods);
  return exports;
}

}  // namespace tracemalloc

NAPI_MODULE_INIT() {
  try {
    return tracemalloc::Init(env, exports);
  } catch (const std::bad_alloc&) {
    tracemalloc::Throw(env, tracemalloc::Status::OutOfMemory());
    return nullptr;
  }
}

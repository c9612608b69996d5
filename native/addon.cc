// SPDX-License-Identifier: MIT
// The boundary to JavaScript: what the addon exports. It translates and no more: the TypeScript
// side validates, this file re-checks types, the tracer does the work. Its TypeScript twin is
// src/binding.ts.
#include <napi.h>
#include <v8.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "napi/errors.h"
#include "napi/held_signals.h"
#include "napi/options.h"
#include "napi/process_functions.h"
#include "tracer.h"

namespace tracemalloc {
namespace {

// Node-API hands out Locals under another name.
template <typename T>
v8::Local<T> LocalOf(napi_value value) {
  v8::Local<T> local;
  static_assert(sizeof(local) == sizeof(napi_value), "a napi_value is a Local");
  std::memcpy(static_cast<void*>(&local), static_cast<const void*>(&value), sizeof(local));
  return local;
}

bool PrecisionOf(const std::string& name, Precision* precision) {
  if (name == "auto") return *precision = Precision::kAuto, true;
  if (name == "line") return *precision = Precision::kLine, true;
  if (name == "function") return *precision = Precision::kFunction, true;
  return false;
}

template <typename T>
Napi::ArrayBuffer Copy(Napi::Env env, const std::vector<T>& values) {
  const size_t size = values.size() * sizeof(T);
  void* data;
  napi_value buffer;
  if (napi_create_arraybuffer(env, size, &data, &buffer) != napi_ok) {
    throw ErrorOf(env,
                  Status::Error(StatusCode::kOutOfMemory,
                                "no memory for a snapshot of " + std::to_string(size) + " bytes"));
  }
  if (size > 0) std::memcpy(data, values.data(), size);
  return {env, buffer};
}

uint32_t AcknowledgedOf(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) throw UsageError(info.Env(), "acknowledged must be a number");
  return info[0].As<Napi::Number>();
}

template <Napi::Value (*function)(const Napi::CallbackInfo&)>
Napi::Value GuardedCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&] { return function(info); });
}

// One in each environment, as its instance data.
class Addon : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports) : tracer_(v8::Isolate::GetCurrent()) {
    // A sampler that still runs when its isolate is torn down corrupts memory on Node 24; hooks run
    // before that, instance data is finalized too late to rely on.
    env.AddCleanupHook([](Tracer* tracer) { tracer->Stop(); }, &tracer_);
    exports.Set("builtFor", static_cast<double>(kBuiltFor.abi));
    DefineAddon(exports, {
                             Method<&Addon::Start>("start"),
                             Method<&Addon::Stop>("stop"),
                             Method<&Addon::IsTracing>("isTracing"),
                             Method<&Addon::PlaceNext>("placeNext"),
                             Method<&Addon::TakeBatch>("takeBatch"),
                             Method<&Addon::Clear>("clear"),
                             Method<&Addon::TracedMemory>("tracedMemory"),
                             Method<&Addon::ResetPeak>("resetPeak"),
                             Method<&Addon::TrackerMemory>("trackerMemory"),
                             Method<&Addon::GetStatus>("status"),
                             Method<&Addon::FindSite>("findSite"),
                             Method<&Addon::TakeBatchAndNewborns>("takeBatchAndNewborns"),
                             Method<&Addon::ElderSizes>("elderSizes"),
                             Method<&Addon::WatchHeapLimit>("watchHeapLimit"),
                             Method<&Addon::UnwatchHeapLimit>("unwatchHeapLimit"),
                         });
    Export<GetExternalMemory>(exports, "externalMemory");
    Export<GetMallocFigures>(exports, "mallocFigures");
    Export<GetHeapSizes>(exports, "heapSizes");
    Export<GetMappings>(exports, "mappings");
    Export<GetResidentMemory>(exports, "residentMemory");
    Export<ReplaceProcess>(exports, "replaceProcess");
    Export<OnHeldSignal>(exports, "onHeldSignal");
    Export<HoldSignal>(exports, "holdSignal");
    Export<ReleaseSignals>(exports, "releaseSignals");
    Export<GetScriptName>(exports, "scriptName");
  }

 private:
  using Function = Napi::Value (Addon::*)(const Napi::CallbackInfo&);

  template <Function function>
  Napi::Value GuardedMethod(const Napi::CallbackInfo& info) {
    return Guarded(info.Env(), [&] { return (this->*function)(info); });
  }

  template <Function function>
  static PropertyDescriptor Method(const char* name) {
    return InstanceMethod<&Addon::GuardedMethod<function>>(name);
  }

  template <Napi::Value (*function)(const Napi::CallbackInfo&)>
  static void Export(Napi::Object exports, const char* name) {
    exports.Set(name, Napi::Function::New<GuardedCall<function>>(exports.Env(), name));
  }

  // What is only there while tracing.
  Tracer& tracing(Napi::Env env) {
    if (tracer_.is_tracing()) return tracer_;
    throw ErrorOf(env, Status::Error(StatusCode::kNotTracing, "not tracing"));
  }

  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value Stop(const Napi::CallbackInfo& info);
  Napi::Value IsTracing(const Napi::CallbackInfo& info);
  Napi::Value PlaceNext(const Napi::CallbackInfo& info);
  Napi::Value TakeBatch(const Napi::CallbackInfo& info);
  Napi::Value TakeBatchAndNewborns(const Napi::CallbackInfo& info);
  Napi::Value ElderSizes(const Napi::CallbackInfo& info);
  Napi::Value FindSite(const Napi::CallbackInfo& info);
  Napi::Value Clear(const Napi::CallbackInfo& info);
  Napi::Value TracedMemory(const Napi::CallbackInfo& info);
  Napi::Value ResetPeak(const Napi::CallbackInfo& info);
  Napi::Value TrackerMemory(const Napi::CallbackInfo& info);
  Napi::Value WatchHeapLimit(const Napi::CallbackInfo& info);
  Napi::Value UnwatchHeapLimit(const Napi::CallbackInfo& info);
  Napi::Value GetStatus(const Napi::CallbackInfo& info);

  Tracer tracer_;
};

Napi::Value Addon::Start(const Napi::CallbackInfo& info) {
  Options given(info);
  TracerOptions options;
  options.sample_interval = given.Number("sampleInterval");
  const double limit = given.Number("tracebackLimit");
  options.thread_id = static_cast<uint32_t>(given.Number("threadId"));
  options.traces_heap = given.Boolean("heap");
  options.traces_buffers = given.Boolean("buffer");
  options.flags.tracing = given.Text("tracingFlags");
  options.flags.usual = given.Text("usualFlags");
  options.place_literals = LocalOf<v8::Function>(given.Function("placeLiterals"));
  const bool is_precision = PrecisionOf(given.Text("precision"), &options.precision);
  if (!given.are_valid() || !is_precision || !(options.sample_interval >= 1) || !(limit >= 1) ||
      !(limit <= 128)) {
    throw UsageError(info.Env(),
                     "start({ sampleInterval >= 1, 1 <= tracebackLimit <= 128, precision: "
                     "'auto' | 'line' | 'function', heap, buffer: boolean, threadId, tracingFlags, "
                     "usualFlags, placeLiterals: function })");
  }
  options.traceback_limit = static_cast<uint32_t>(limit);
  ThrowUnlessOk(info.Env(), tracer_.Start(options));
  return {};
}

Napi::Value Addon::Stop(const Napi::CallbackInfo&) {
  tracer_.Stop();
  return {};
}

Napi::Value Addon::IsTracing(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), tracer_.is_tracing());
}

Napi::Value Addon::PlaceNext(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), tracing(info.Env()).PlaceNext());
}

Napi::Value Addon::TakeBatch(const Napi::CallbackInfo& info) {
  Tracer& tracer = tracing(info.Env());
  return Copy(info.Env(), tracer.TakeBatch(AcknowledgedOf(info)));
}

Napi::Value Addon::TakeBatchAndNewborns(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Tracer& tracer = tracing(env);
  std::vector<uint8_t> batch;
  std::vector<Newborn> newborns;
  ThrowUnlessOk(env, tracer.TakeBatchAndNewborns(AcknowledgedOf(info), &batch, &newborns));
  std::vector<double> rows;
  rows.reserve(newborns.size() * 6);
  for (const Newborn& n : newborns) {
    rows.insert(rows.end(), {static_cast<double>(n.site), static_cast<double>(n.type), n.size,
                             n.count, n.variance, static_cast<double>(n.samples)});
  }
  auto pair = Napi::Array::New(env, 2);
  pair[0u] = Copy(env, batch);
  pair[1u] = Copy(env, rows);
  return pair;
}

// Undefined: unknown.
Napi::Value Addon::ElderSizes(const Napi::CallbackInfo& info) {
  Tracer& tracer = tracing(info.Env());
  std::vector<double> sizes;
  if (!tracer.SumElders(AcknowledgedOf(info), &sizes)) return {};
  return Copy(info.Env(), sizes);
}

// -1: unknown.
Napi::Value Addon::FindSite(const Napi::CallbackInfo& info) {
  Tracer& tracer = tracing(info.Env());
  if (info.Length() < 1) throw UsageError(info.Env(), "findSite(object)");
  SiteId site;
  const bool found = tracer.FindSite(LocalOf<v8::Value>(info[0]), &site);
  return Napi::Number::New(info.Env(), found ? site : -1.0);
}

Napi::Value Addon::Clear(const Napi::CallbackInfo& info) {
  ThrowUnlessOk(info.Env(), tracing(info.Env()).Clear());
  return {};
}

Napi::Value Addon::TracedMemory(const Napi::CallbackInfo& info) {
  Tracer& tracer = tracing(info.Env());
  tracer.RefreshCounters();
  auto pair = Napi::Array::New(info.Env(), 2);
  pair[0u] = static_cast<double>(tracer.tables().sites.traced_current());
  pair[1u] = static_cast<double>(tracer.tables().sites.traced_peak());
  return pair;
}

Napi::Value Addon::ResetPeak(const Napi::CallbackInfo& info) {
  tracing(info.Env()).ResetPeak();
  return {};
}

Napi::Value Addon::TrackerMemory(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(tracer_.MemoryUsage()));
}

Napi::Value Addon::WatchHeapLimit(const Napi::CallbackInfo& info) {
  Tracer& tracer = tracing(info.Env());
  Options given(info);
  HeapLimitOptions options;
  const double top = given.Number("top");
  options.thread_id = static_cast<uint64_t>(given.Number("threadId"));
  options.sample_interval = given.Number("sampleInterval");
  options.as_text = given.Text("format") == "text";
  options.directory = given.Text("directory");
  options.own = given.Text("own");
  options.report_facts = given.Text("reportFacts");
  options.profile_facts = given.Text("profileFacts");
  options.process_facts = given.Text("processFacts");
  if (!given.are_valid() || !(top >= 1)) {
    throw UsageError(info.Env(),
                     "watchHeapLimit({ top >= 1, threadId, sampleInterval, format, directory, own, "
                     "reportFacts, profileFacts, processFacts })");
  }
  options.top = static_cast<uint32_t>(top);
  tracer.WatchHeapLimit(std::move(options));
  return {};
}

Napi::Value Addon::UnwatchHeapLimit(const Napi::CallbackInfo&) {
  tracer_.UnwatchHeapLimit();
  return {};
}

Napi::Value Addon::GetStatus(const Napi::CallbackInfo& info) {
  Tracer& tracer = tracing(info.Env());
  const EngineReport report = tracer.Report();
  auto diagnostics = Napi::Object::New(info.Env());
  for (const auto& [name, count] : report.diagnostics) diagnostics.Set(name, count);
  const Tables& tables = tracer.tables();
  diagnostics.Set("siteOverflow", static_cast<double>(tables.sites.overflow()));
  diagnostics.Set("sitesGivenBack", static_cast<double>(tables.given_back));
  auto result = Napi::Object::New(info.Env());
  result.Set("engine", report.name);
  result.Set("precision", report.precision);
  result.Set("reason", report.reason);
  result.Set("heap", tracer.traces_heap());
  result.Set("buffer", tracer.traces_buffers());
  result.Set("lost", report.lost);
  result.Set("fullCollections", static_cast<double>(tracer.full_collections()));
  result.Set("liveSamples", static_cast<double>(tables.sites.live_samples()));
  result.Set("sites", static_cast<double>(tables.sites.size()));
  result.Set("frames", static_cast<double>(tables.frames.size()));
  result.Set("diagnostics", diagnostics);
  return result;
}

// Node checks the ABI of addons that do not speak Node-API only. This one does, and calls V8 too:
// under another V8 it would crash, or worse, answer.
void RefuseOtherNodes(Napi::Env env) {
  if (Napi::VersionManagement::GetNodeVersion(env)->major == kBuiltFor.node_major) return;
  throw ErrorOf(
      env, Status::Error(StatusCode::kUnsupportedPlatform,
                         "this binary was built for Node " + std::to_string(kBuiltFor.node_major) +
                             " (ABI " + std::to_string(kBuiltFor.abi) + ")"));
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  return Guarded(env, [&] {
    RefuseOtherNodes(env);
    return Addon::Init(env, exports);
  });
}

}  // namespace
}  // namespace tracemalloc

using tracemalloc::Init;
NODE_API_MODULE(tracemalloc, Init)

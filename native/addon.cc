// SPDX-License-Identifier: MIT
// The boundary to JavaScript: the addon's exports. It only translates: the TypeScript side
// validates, this file re-checks types, the tracer does the work. Its TypeScript twin is
// src/addon/binding.ts.
#include <napi.h>
#include <v8.h>

#include <new>
#include <string>
#include <utility>
#include <vector>

#include "napi/arguments.h"
#include "napi/held_signals.h"
#include "napi/knocks.h"
#include "napi/locals.h"
#include "napi/memory_limit.h"
#include "napi/process_functions.h"
#include "napi/results.h"
#include "napi/retainers.h"
#include "tracer.h"
#include "v8/labels/current_labels.h"
#include "v8/names/pinned_object.h"

namespace tracemalloc {
namespace {

Tracer& GetTracer(const Napi::CallbackInfo& info) { return *info.Env().GetInstanceData<Tracer>(); }

Tracer& GetTracing(const Napi::CallbackInfo& info) {
  Tracer& tracer = GetTracer(info);
  if (tracer.is_tracing()) return tracer;
  throw ToError(info.Env(), Status::Error(StatusCode::kNotTracing, "not tracing"));
}

void RequireIdle(const Napi::CallbackInfo& info) {
  if (!GetTracer(info).is_placing()) return;
  throw ToError(info.Env(),
                Status::Error(StatusCode::kBusy,
                              "called from a hook of the program's while a part of tracemalloc is "
                              "loaded: call it later"));
}

Tracer& GetIdle(const Napi::CallbackInfo& info) {
  Tracer& tracer = GetTracing(info);
  RequireIdle(info);
  return tracer;
}

Precision GetPrecision(const Argument& argument) {
  const std::string name = argument.Text();
  if (name == "auto") return Precision::kAuto;
  if (name == "line") return Precision::kLine;
  argument.Require(name == "function");
  return Precision::kFunction;
}

Napi::Value Start(const Napi::CallbackInfo& info) {
  const Argument argument(
      info,
      "start({ sampleInterval >= 1, isSelfTuning: boolean, 1 <= tracebackLimit <= 128, precision: "
      "'auto' | 'line' | 'function', heap, buffer: boolean, threadId, tracingFlags, usualFlags, "
      "placeLiterals: function })");
  TracerOptions options;
  options.sample_interval = argument["sampleInterval"].Number();
  options.is_self_tuning = argument["isSelfTuning"].Boolean();
  const double limit = argument["tracebackLimit"].Number();
  argument.Require(options.sample_interval >= 1 && limit >= 1 && limit <= 128);
  options.traceback_limit = static_cast<uint32_t>(limit);
  options.thread_id = argument["threadId"].Count();
  options.precision = GetPrecision(argument["precision"]);
  options.traces_heap = argument["heap"].Boolean();
  options.traces_buffers = argument["buffer"].Boolean();
  options.flags.tracing = argument["tracingFlags"].Text();
  options.flags.usual = argument["usualFlags"].Text();
  options.place_literals = LocalOf<v8::Function>(argument["placeLiterals"].Function());
  ThrowIfFailed(info.Env(), GetTracer(info).Start(options));
  return info.Env().Undefined();
}

Napi::Value Stop(const Napi::CallbackInfo& info) {
  RequireIdle(info);
  GetTracer(info).Stop();
  return info.Env().Undefined();
}

Napi::Value IsTracing(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), GetTracer(info).is_tracing());
}

Napi::Value PlaceNext(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), GetIdle(info).PlaceNext());
}

Napi::Value TakeBatch(const Napi::CallbackInfo& info) {
  Tracer& tracer = GetIdle(info);
  const std::vector<uint8_t> batch = tracer.TakeBatch(Argument(info, "takeBatch(number)").Count());
  return CopyBytes(info.Env(), batch.data(), batch.size());
}

Napi::Value CopySums(Napi::Env env, const std::vector<SiteAges>& sums) {
  static_assert(sizeof(SiteAges) == 5 * sizeof(double), "its reader is src/mirror/reading.ts");
  return CopyBytes(env, sums.data(), sums.size() * sizeof(SiteAges));
}

Napi::Value TakeAgedBatch(const Napi::CallbackInfo& info) {
  Tracer& tracer = GetIdle(info);
  const Argument argument(info, "takeAgedBatch({ acknowledged, since, until, survivors, ages })");
  Ages ages;
  ages.leave_out_newborns = argument["survivors"].Boolean();
  ages.since = argument["since"].Count();
  ages.until = argument["until"].Count();
  const Tracer::Sum sum = argument["ages"].Boolean() ? Tracer::Sum::kAges : Tracer::Sum::kNothing;
  Tracer::AgedBatch batch;
  const uint32_t acknowledged = argument["acknowledged"].Count();
  ThrowIfFailed(info.Env(), tracer.TakeAgedBatch(acknowledged, ages, sum, &batch));
  std::vector<double> rows;
  rows.reserve(batch.left_out.size() * 6);
  for (const LeftOut& row : batch.left_out) {
    rows.insert(rows.end(), {static_cast<double>(row.site), static_cast<double>(row.type), row.size,
                             row.count, row.variance, static_cast<double>(row.samples)});
  }
  const auto parts = Napi::Array::New(info.Env(), 3);
  parts.Set(0U, CopyBytes(info.Env(), batch.bytes.data(), batch.bytes.size()));
  parts.Set(1U, CopyBytes(info.Env(), rows.data(), rows.size() * sizeof(double)));
  parts.Set(2U, CopySums(info.Env(), batch.sums));
  return parts;
}

// Flat rows, one per script; their reader is src/mirror/scripts.ts.
Napi::Value TakeScripts(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::vector<ScriptNote> notes = GetIdle(info).TakeScripts();
  const auto rows = Napi::Array::New(env, notes.size() * 9);
  uint32_t at = 0;
  for (const ScriptNote& note : notes) {
    const TextDigest& digest = note.digest;
    rows.Set(at++, note.id);
    rows.Set(at++, (note.has_source_map ? 1 : 0) | (note.has_line_offset ? 2 : 0) |
                       (note.has_column_offset ? 4 : 0) | (note.ends_with_comment ? 8 : 0));
    rows.Set(at++, ValueOf(env, note.source_map));
    for (const uint32_t figure :
         {digest.length, digest.lines, digest.first, digest.rest, digest.body, digest.shape}) {
      rows.Set(at++, figure);
    }
  }
  return rows;
}

// Undefined: the script has none, or is gone.
Napi::Value SourceMapOf(const Napi::CallbackInfo& info) {
  Tracer& tracer = GetTracer(info);
  const auto id = static_cast<int32_t>(Argument(info, "sourceMapOf(number)").Count());
  return ValueOf(info.Env(), tracer.SourceMapOf(id));
}

// Undefined: unknown.
Napi::Value SumElders(const Napi::CallbackInfo& info) {
  Tracer& tracer = GetIdle(info);
  std::vector<SiteAges> elders;
  if (!tracer.SumElders(Argument(info, "elders(number)").Count(), &elders)) {
    return info.Env().Undefined();
  }
  return CopySums(info.Env(), elders);
}

// -1: unknown.
Napi::Value FindSite(const Napi::CallbackInfo& info) {
  Tracer& tracer = GetIdle(info);
  SiteId site;
  const bool is_known = tracer.FindSite(LocalOf<v8::Value>(info[0]), &site);
  return Napi::Number::New(info.Env(), is_known ? site : -1.0);
}

RetainerTargets TargetsOf(const Napi::CallbackInfo& info) {
  const Argument argument(info, "{ sites: number[], objects: object[] }");
  RetainerTargets targets;
  const std::vector<SiteId> sites = argument["sites"].Counts();
  if (!sites.empty()) ThrowIfFailed(info.Env(), GetIdle(info).FindSamples(sites, &targets));
  for (const Napi::Value& object : argument["objects"].Values()) {
    argument.Require(object.IsObject());
    targets.push_back(TaggedAddressOf(LocalOf<v8::Value>(object)));
  }
  return targets;
}

Napi::Value BeginSearch(const Napi::CallbackInfo& info) {
  return SearchRetainers(info, TargetsOf(info));
}

Napi::Value EndSearch(const Napi::CallbackInfo& info) { return TellRetainers(info, TargetsOf); }

Napi::Value Clear(const Napi::CallbackInfo& info) {
  ThrowIfFailed(info.Env(), GetIdle(info).Clear());
  return info.Env().Undefined();
}

Napi::Value TracedMemory(const Napi::CallbackInfo& info) {
  Tracer& tracer = GetTracing(info);
  tracer.RefreshCounters();
  const auto pair = Napi::Array::New(info.Env(), 2);
  pair.Set(0U, tracer.tables().sites.traced_current());
  pair.Set(1U, tracer.tables().sites.traced_peak());
  return pair;
}

Napi::Value ResetPeak(const Napi::CallbackInfo& info) {
  GetTracing(info).ResetPeak();
  return info.Env().Undefined();
}

Napi::Value TrackerMemory(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(GetTracer(info).MemoryUsage()));
}

Napi::Value WatchHeapLimit(const Napi::CallbackInfo& info) {
  const Argument argument(info,
                          "watchHeapLimit({ top >= 1, threadId, format, directory, own, "
                          "reportFacts, profileFacts, processFacts })");
  HeapLimitOptions options;
  options.top = argument["top"].Count();
  argument.Require(options.top >= 1);
  options.thread_id = argument["threadId"].Count();
  options.as_text = argument["format"].Text() == "text";
  options.directory = argument["directory"].Text();
  options.own = argument["own"].Text();
  options.report_facts = argument["reportFacts"].Text();
  options.profile_facts = argument["profileFacts"].Text();
  options.process_facts = argument["processFacts"].Text();
  // Last, since a getter of the options may stop tracing.
  GetTracing(info).WatchHeapLimit(std::move(options));
  return info.Env().Undefined();
}

Napi::Value UnwatchHeapLimit(const Napi::CallbackInfo& info) {
  GetTracer(info).UnwatchHeapLimit();
  return info.Env().Undefined();
}

// See src/labels/carriers.ts.
Napi::Value LabelsFromContext(const Napi::CallbackInfo& info) {
  const Argument argument(info, "labelsFromContext({ storage: object, expected: number })");
  const Napi::Value storage = argument["storage"].value();
  argument.Require(storage.IsObject());
  const LabelSetId expected = argument["expected"].Count();
  const bool is_found =
      GetTracer(info).labels()->ReadFromContext(LocalOf<v8::Object>(storage), expected);
  return Napi::Boolean::New(info.Env(), is_found);
}

Napi::Value LabelsFromWord(const Napi::CallbackInfo& info) {
  const Argument argument(info, "labelsFromWord(word: Uint32Array)");
  argument.Require(argument.value().IsTypedArray());
  const auto array = LocalOf<v8::Value>(argument.value()).As<v8::Uint32Array>();
  argument.Require(array->IsUint32Array() && array->Length() == 1 && array->ByteOffset() == 0);
  GetTracer(info).labels()->ReadFromWord(array->Buffer());
  return info.Env().Undefined();
}

Napi::Object ToObject(Napi::Env env, const SamplingReport& report) {
  const auto object = Napi::Object::New(env);
  object.Set("finest", report.finest);
  object.Set("coarsest", report.coarsest);
  object.Set("samples", static_cast<double>(report.samples));
  object.Set("cost", report.cost);
  object.Set("cpuTime", report.cpu_time);
  return object;
}

Napi::Value GetStatus(const Napi::CallbackInfo& info) {
  Tracer& tracer = GetTracing(info);
  const EngineReport report = tracer.Report();
  const Tables& tables = tracer.tables();
  const auto diagnostics = Napi::Object::New(info.Env());
  for (const auto& [name, count] : report.diagnostics) diagnostics.Set(name, count);
  diagnostics.Set("siteOverflow", static_cast<double>(tables.sites.overflow()));
  diagnostics.Set("sitesGivenBack", static_cast<double>(tables.given_back));
  const auto result = Napi::Object::New(info.Env());
  result.Set("engine", report.name);
  result.Set("sampling", ToObject(info.Env(), tracer.Sampling()));
  result.Set("precision", report.precision);
  result.Set("sampleInterval", tables.sample_interval);
  result.Set("reason", report.reason);
  result.Set("heap", tracer.traces_heap());
  result.Set("buffer", tracer.traces_buffers());
  result.Set("lost", report.lost);
  result.Set("fullCollections", tracer.full_collections());
  result.Set("heapAfterCollection", static_cast<double>(tracer.heap_after_collection()));
  result.Set("liveSamples", static_cast<double>(tables.sites.live_samples()));
  result.Set("sites", static_cast<double>(tables.sites.size()));
  result.Set("frames", static_cast<double>(tables.frames.size()));
  result.Set("diagnostics", diagnostics);
  return result;
}

// Only exceptions of node-addon-api may reach Node, which is compiled without exceptions.
template <Napi::Value (*function)(const Napi::CallbackInfo&)>
Napi::Value Guarded(const Napi::CallbackInfo& info) {
  try {
    return function(info);
  } catch (const std::bad_alloc&) {
    throw ToError(info.Env(), Status::OutOfMemory());
  }
}

template <Napi::Value (*function)(const Napi::CallbackInfo&)>
void Export(Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<Guarded<function>>(exports.Env(), name));
}

// A sampler that still runs when its isolate is torn down corrupts memory on Node 24. Cleanup hooks
// run before that; instance data is finalized too late.
void StopAtExit(void* tracer) { static_cast<Tracer*>(tracer)->Stop(); }

Napi::Object InitAddon(Napi::Env env, Napi::Object exports) {
  // Node checks the ABI of addons only if they do not use Node-API. This one does, but also calls
  // V8: under another V8 it would crash or, worse, return wrong results.
  if (Napi::VersionManagement::GetNodeVersion(env)->major != kBuiltFor.node_major) {
    throw ToError(env, Status::Error(StatusCode::kUnsupportedPlatform,
                                     "this binary was built for Node " +
                                         std::to_string(kBuiltFor.node_major) + " (ABI " +
                                         std::to_string(kBuiltFor.abi) + ")"));
  }
  auto* tracer = new Tracer(v8::Isolate::GetCurrent());
  env.SetInstanceData(tracer);
  // Not by node-addon-api, whose pair of hook and argument is lost when Node 26 exits.
  napi_add_env_cleanup_hook(env, StopAtExit, tracer);

  exports.Set("builtFor", kBuiltFor.abi);
  Export<Start>(exports, "start");
  Export<Stop>(exports, "stop");
  Export<IsTracing>(exports, "isTracing");
  Export<PlaceNext>(exports, "placeNext");
  Export<TakeBatch>(exports, "takeBatch");
  Export<TakeAgedBatch>(exports, "takeAgedBatch");
  Export<TakeScripts>(exports, "takeScripts");
  Export<SourceMapOf>(exports, "sourceMapOf");
  Export<SumElders>(exports, "elders");
  Export<FindSite>(exports, "findSite");
  Export<BeginSearch>(exports, "searchRetainers");
  Export<EndSearch>(exports, "tellRetainers");
  Export<Clear>(exports, "clear");
  Export<TracedMemory>(exports, "tracedMemory");
  Export<ResetPeak>(exports, "resetPeak");
  Export<TrackerMemory>(exports, "trackerMemory");
  Export<GetStatus>(exports, "status");
  Export<WatchHeapLimit>(exports, "watchHeapLimit");
  Export<UnwatchHeapLimit>(exports, "unwatchHeapLimit");
  Export<LabelsFromContext>(exports, "labelsFromContext");
  Export<LabelsFromWord>(exports, "labelsFromWord");
  Export<GetExternalMemory>(exports, "externalMemory");
  Export<GetMallocFigures>(exports, "mallocFigures");
  Export<GetHeapSizes>(exports, "heapSizes");
  Export<GetMappings>(exports, "mappings");
  Export<GetResidentMemory>(exports, "residentMemory");
  Export<ReplaceProcess>(exports, "replaceProcess");
  Export<OnHeldSignal>(exports, "onHeldSignal");
  Export<HoldSignal>(exports, "holdSignal");
  Export<ReleaseSignals>(exports, "releaseSignals");
  Export<OnKnock>(exports, "onKnock");
  Export<Knock>(exports, "knock");
  Export<ListenToMemoryMarks>(exports, "listenToMemoryMarks");
  Export<IgnoreMemoryMarks>(exports, "ignoreMemoryMarks");
  Export<WatchMemoryLimit>(exports, "watchMemoryLimit");
  Export<GetMemoryMark>(exports, "memoryMark");
  Export<BeginMemoryReport>(exports, "beginMemoryReport");
  Export<EndMemoryReport>(exports, "endMemoryReport");
  Export<GetScriptName>(exports, "scriptName");
  return exports;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  try {
    return InitAddon(env, exports);
  } catch (const std::bad_alloc&) {
    throw ToError(env, Status::OutOfMemory());
  }
}

NODE_API_MODULE(NODE_GYP_MODULE_NAME, Init)

}  // namespace
}  // namespace tracemalloc

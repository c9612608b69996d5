// SPDX-License-Identifier: MIT
#include "napi/retainers.h"

#include <node_version.h>
#include <sys/resource.h>
#include <uv.h>
#include <v8-internal.h>
#include <v8.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <unordered_set>
#include <utility>

#include "napi/arguments.h"
#include "napi/locals.h"
#include "napi/results.h"
#include "retainers/monotonic_clock.h"
#include "retainers/path_confirmation.h"
#include "retainers/path_steps.h"
#include "retainers/retainer_search.h"
#include "v8/names/pinned_object.h"

namespace tracemalloc {
namespace {

// Objects are laid out in the same way on other architectures, but that was never tried.
#ifdef __x86_64__
constexpr bool kIsKnownPlatform = true;
#else
constexpr bool kIsKnownPlatform = false;
#endif

// Below the threads of the service, which must not wait for this one.
constexpr int kNiceness = 10;

// Nanoseconds: of a call, which delays the event loop, and in which one path may still be longer;
// of one path; of all. What takes longer counts as changed.
constexpr int64_t kCallTime = 5'000'000;
constexpr int64_t kPathTime = 50'000'000;
constexpr int64_t kTellingTime = 500'000'000;

void OnEnd(Napi::Env env, Napi::Function on_end, std::nullptr_t*, void*) {
  if (env != nullptr && on_end != nullptr) on_end.Call({});
}
using EventLoop = Napi::TypedThreadSafeFunction<std::nullptr_t, void, OnEnd>;

struct Job {
  HeapNumbers numbers;
  RetainerTargets targets;
  SearchLimits limits;
  std::vector<HeldPath> paths;
  SearchEnd end = SearchEnd::kComplete;
  EventLoop loop;
  uv_thread_t thread;
  std::atomic<bool> is_cancelled{false};
  std::atomic<bool> is_done{false};
  bool is_joined = false;
  size_t told = 0;  // targets
  int64_t telling_time = 0;
  v8::Isolate* isolate = nullptr;
  bool is_collected = false;  // a garbage collection has moved objects since the search began
};

void OnCollection(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* job) {
  static_cast<Job*>(job)->is_collected = true;
}

// Runs on the job's own thread.
void Search(void* data) {
  auto* job = static_cast<Job*>(data);
  setpriority(PRIO_PROCESS, 0, kNiceness);
  try {
    RetainerSearch search(&job->numbers, job->limits, &job->is_cancelled);
    job->end = search.Run(job->targets, &job->paths);
  } catch (...) {
    // Containers: there is no memory for them, or they would be too large.
    job->paths.clear();
    job->end = SearchEnd::kMemory;
  }
  job->is_done = true;
  job->loop.NonBlockingCall();
  job->loop.Release();
}

void Join(void* data) {
  auto* job = static_cast<Job*>(data);
  if (job->is_joined) return;
  job->is_cancelled = true;
  uv_thread_join(&job->thread);
  job->isolate->RemoveGCPrologueCallback(OnCollection, job);
  job->is_joined = true;
}

// Any of them, equally likely.
RetainerTargets Some(RetainerTargets all, size_t most) {
  std::mt19937_64 random{std::random_device{}()};
  std::shuffle(all.begin(), all.end(), random);
  if (all.size() > most) all.resize(most);
  return all;
}

HeapNumbers ReadNumbers(const Napi::CallbackInfo& info, const Argument& argument) {
  std::string reason;
  const Layout* layout = FindLayout(NODE_MODULE_VERSION, v8::V8::GetVersion(), &reason);
  Status status = Status::Ok();
  if (!kIsKnownPlatform) {
    status = Status::Error(StatusCode::kUnsupportedPlatform,
                           "retainers can be found on x64 only, this is another architecture");
  } else if (layout == nullptr || !CheckConstants(*layout, &reason)) {
    status = Status::Error(StatusCode::kUnsupportedPlatform, reason);
  }
  HeapNumbers numbers;
  if (status.ok()) {
    using v8::internal::Internals;
    const auto address_of = [](const Napi::Value& value) {
      return TaggedAddressOf(LocalOf<v8::Value>(value));
    };
    const KnownObjects known{
        TaggedAddressOf(v8::Isolate::GetCurrent()->GetCurrentContext()),
        address_of(argument["weakMap"].value()),
        address_of(argument["weakKey"].value()),
        address_of(argument["weakValue"].value()),
        address_of(argument["generator"].value()),
        Internals::kJSObjectType,
        Internals::kLastJSApiObjectType,
    };
    status = ReadHeapNumbers(layout, known, &numbers);
  }
  ThrowIfFailed(info.Env(), status);
  return numbers;
}

const char* NameOf(SearchEnd end) {
  switch (end) {
    case SearchEnd::kComplete:
      return "complete";
    case SearchEnd::kTimeout:
      return "timeout";
    case SearchEnd::kMemory:
      return "memory";
    case SearchEnd::kCancelled:
      return "cancelled";
    case SearchEnd::kUnreadable:
      return "unreadable";
  }
  return "";
}

// Flat: kind, name, type, function, file, line, column of each step.
Napi::Array RowsOf(Napi::Env env, const std::vector<Step>& steps) {
  const auto rows = Napi::Array::New(env, steps.size() * 7);
  uint32_t at = 0;
  for (const Step& step : steps) {
    rows.Set(at++, static_cast<double>(step.kind));
    for (const std::string* text :
         {&step.name, &step.type, &step.place.name, &step.place.filename}) {
      rows.Set(at++, *text);
    }
    rows.Set(at++, step.place.line);
    rows.Set(at++, step.place.column);
  }
  return rows;
}

}  // namespace

Napi::Value SearchRetainers(const Napi::CallbackInfo& info, RetainerTargets targets) {
  const Napi::Env env = info.Env();
  const Argument argument(info,
                          "searchRetainers({ sites, objects, samples, timeout, memoryLimit, "
                          "keepsAlive, weakMap, weakKey, weakValue, generator, onEnd })");
  auto job = std::make_unique<Job>();
  job->limits.deadline =
      static_cast<int64_t>(uv_hrtime()) + static_cast<int64_t>(argument["timeout"].Number() * 1e6);
  job->limits.memory = static_cast<size_t>(argument["memoryLimit"].Number());
  job->targets = Some(std::move(targets), argument["samples"].Count());
  const Napi::Function on_end = argument["onEnd"].Function();
  job->numbers = ReadNumbers(info, argument);
  job->loop = EventLoop::New(env, on_end, "tracemalloc", 0, 1);
  if (!argument["keepsAlive"].Boolean()) job->loop.Unref(env);
  const uv_thread_options_t small = {UV_THREAD_HAS_STACK_SIZE, 256 << 10};
  if (uv_thread_create_ex(&job->thread, &small, Search, job.get()) != 0) {
    job->loop.Release();
    throw ToError(env, Status::Error(StatusCode::kOutOfMemory, "no thread for the search"));
  }
  Job* const raw = job.release();
  raw->isolate = v8::Isolate::GetCurrent();
  raw->isolate->AddGCPrologueCallback(OnCollection, raw);
  napi_add_env_cleanup_hook(env, Join, raw);
  return Napi::External<Job>::New(env, raw, [](Napi::Env env, Job* job) {
    napi_remove_env_cleanup_hook(env, Join, job);
    Join(job);
    delete job;
  });
}

Napi::Value TellRetainers(const Napi::CallbackInfo& info,
                          RetainerTargets (*current)(const Napi::CallbackInfo&)) {
  const Napi::Env env = info.Env();
  const Argument argument(info, "tellRetainers({ search, sites, objects }), once it has ended");
  auto* job = argument["search"].External<Job>();
  argument.Require(job->is_done);
  Join(job);
  const RetainerTargets now = current(info);
  const std::unordered_set<uintptr_t> alive(now.begin(), now.end());
  // Until all steps are known, nothing is allocated on V8's heap: addresses stay valid.
  // What is dead may lie in memory that another thread unmaps.
  HeapObjects objects(&job->numbers, Memory::kForeign);
  objects.KeepCopies();
  ObjectNames names(&objects);
  std::vector<std::vector<Step>> told;
  uint32_t unheld = 0;
  uint32_t changed = 0;
  const int64_t begun = MonotonicNow();
  PathSteps steps(&objects, &names);
  do {
    if (job->told == job->targets.size()) break;
    const size_t i = job->told++;
    const uintptr_t target = job->targets[i];
    if (i >= job->paths.size() || alive.count(target) == 0) {
      changed++;
      continue;
    }
    const HeldPath& path = job->paths[i];
    const int64_t deadline = MonotonicNow() + std::min(kPathTime, kTellingTime - job->telling_time);
    std::vector<Step> told_steps;
    if (path.hops.empty()) {
      // If a collection moved something, the search may have missed a holder of it.
      (job->is_collected || path.is_unsure ? changed : unheld)++;
    } else if (ConfirmPath(&objects, path, target, deadline) &&
               steps.Of(path, target, deadline, &told_steps)) {
      told.push_back(std::move(told_steps));
    } else {
      changed++;
    }
  } while (MonotonicNow() < begun + kCallTime);
  job->telling_time += MonotonicNow() - begun;
  const auto paths = Napi::Array::New(env, told.size());
  for (size_t i = 0; i < told.size(); i++) {
    paths.Set(static_cast<uint32_t>(i), RowsOf(env, told[i]));
  }
  const auto result = Napi::Object::New(env);
  result.Set("end", NameOf(job->end));
  result.Set("paths", paths);
  result.Set("unheld", unheld);
  result.Set("changed", changed);
  result.Set("isLast", job->told == job->targets.size());
  return result;
}

}  // namespace tracemalloc

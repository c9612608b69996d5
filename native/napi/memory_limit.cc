// SPDX-License-Identifier: MIT
#include "napi/memory_limit.h"

#include <unistd.h>

#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "napi/arguments.h"
#include "napi/knocks.h"
#include "napi/results.h"
#include "process/memory_watch.h"
#include "report/last_report.h"

namespace tracemalloc {
namespace {

void OnTurn(Napi::Env env, Napi::Function answer, std::nullptr_t*, void*) {
  if (env != nullptr && answer != nullptr) answer.Call({});
}
using EventLoop = Napi::TypedThreadSafeFunction<std::nullptr_t, void, OnTurn>;

struct Listener {
  napi_env env;
  EventLoop loop;
};

// Never destroyed: workers may ask while the process exits.
struct Limit {
  std::mutex mutex;  // of all that follows
  std::vector<std::unique_ptr<Listener>> listeners;
  std::unique_ptr<MemoryWatch> watch;  // null: none
  napi_env owner = nullptr;            // of the watch
};
Limit& limit = *new Limit;

bool WriteToStderr(void*, const char* data, size_t size) {
  return write(STDERR_FILENO, data, size) == static_cast<ssize_t>(size);
}

void Ask() {
  KnockAtAll();
  const std::lock_guard<std::mutex> lock(limit.mutex);
  for (const auto& listener : limit.listeners) listener->loop.NonBlockingCall();
}

// False: there is none.
bool RemoveListener(napi_env env) {
  std::unique_ptr<Listener> gone;
  {
    const std::lock_guard<std::mutex> lock(limit.mutex);
    for (auto it = limit.listeners.begin(); it != limit.listeners.end(); ++it) {
      if ((*it)->env != env) continue;
      gone = std::move(*it);
      limit.listeners.erase(it);
      break;
    }
  }
  if (gone != nullptr) gone->loop.Release();
  return gone != nullptr;
}

void EndWatch(napi_env env) {
  // Destroyed without the lock, since it waits for its thread, which may be asking.
  std::unique_ptr<MemoryWatch> ended;
  const std::lock_guard<std::mutex> lock(limit.mutex);
  if (limit.owner == env) ended = std::move(limit.watch);
}

void EndListening(void* listener_env) {
  const auto env = static_cast<napi_env>(listener_env);
  RemoveListener(env);
  EndWatch(env);
}

}  // namespace

Napi::Value ListenToMemoryMarks(const Napi::CallbackInfo& info) {
  const Napi::Function answer = Argument(info, "listenToMemoryMarks(function)").Function();
  const Napi::Env env = info.Env();
  if (RemoveListener(env)) napi_remove_env_cleanup_hook(env, EndListening, env);
  auto listener = std::make_unique<Listener>(
      Listener{env, EventLoop::New(env, answer, "tracemalloc memory limit", 1, 1)});
  listener->loop.Unref(env);
  napi_add_env_cleanup_hook(env, EndListening, env);
  const std::lock_guard<std::mutex> lock(limit.mutex);
  limit.listeners.push_back(std::move(listener));
  return Napi::Boolean::New(env, limit.watch != nullptr);
}

Napi::Value IgnoreMemoryMarks(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (RemoveListener(env)) napi_remove_env_cleanup_hook(env, EndListening, env);
  EndWatch(env);
  return env.Undefined();
}

Napi::Value WatchMemoryLimit(const Napi::CallbackInfo& info) {
  const Argument options(info, "watchMemoryLimit({ limit, percents: number[], format, facts })");
  MemoryWatchOptions given;
  given.limit = options["limit"].Number();
  for (const uint32_t percent : options["percents"].Counts()) given.percents.push_back(percent);
  const bool as_text = options["format"].Text() == "text";
  const std::string facts = options["facts"].Text();
  MemoryUse use{};
  if (given.limit == 0 && !MemoryGroups().Read(1, &use)) {
    return Napi::Boolean::New(info.Env(), false);
  }
  given.ask = Ask;
  given.on_silence = [as_text, facts](const MemoryMark& mark) {
    char buffer[4096];
    Output out(buffer, sizeof(buffer), WriteToStderr, nullptr);
    const SilentReport report{facts, NowMillis(), mark.percent, mark.use.used, mark.use.limit};
    (as_text ? WriteSilentReportText : WriteSilentReportJson)(report, &out);
    out.Flush();
  };
  std::unique_ptr<MemoryWatch> watch;
  try {
    watch = std::make_unique<MemoryWatch>(std::move(given));
  } catch (const std::system_error&) {
    throw ToError(info.Env(), Status::OutOfMemory());
  }
  {
    const std::lock_guard<std::mutex> lock(limit.mutex);
    limit.watch.swap(watch);
    limit.owner = info.Env();
  }
  // Now that of before is destroyed.
  return Napi::Boolean::New(info.Env(), true);
}

Napi::Value GetMemoryMark(const Napi::CallbackInfo& info) {
  const std::lock_guard<std::mutex> lock(limit.mutex);
  if (limit.watch == nullptr) return info.Env().Undefined();
  const MemoryMark mark = limit.watch->last_mark();
  if (mark.number == 0) return info.Env().Undefined();
  const auto result = Napi::Object::New(info.Env());
  result.Set("number", mark.number);
  result.Set("percent", mark.percent);
  result.Set("used", mark.use.used);
  result.Set("limit", mark.use.limit);
  return result;
}

Napi::Value BeginMemoryReport(const Napi::CallbackInfo& info) {
  const uint32_t number = Argument(info, "beginMemoryReport(number)").Count();
  const std::lock_guard<std::mutex> lock(limit.mutex);
  if (limit.watch != nullptr) limit.watch->Begin(number);
  return info.Env().Undefined();
}

Napi::Value EndMemoryReport(const Napi::CallbackInfo& info) {
  const std::lock_guard<std::mutex> lock(limit.mutex);
  if (limit.watch != nullptr) limit.watch->End();
  return info.Env().Undefined();
}

}  // namespace tracemalloc

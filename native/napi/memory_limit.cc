// SPDX-License-Identifier: MIT
#include "napi/memory_limit.h"

#include <unistd.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "napi/arguments.h"
#include "napi/knocks.h"
#include "process/memory_watch.h"
#include "report/last_report.h"

namespace tracemalloc {
namespace {

void OnTurn(Napi::Env env, Napi::Function answer, std::nullptr_t*, void*) {
  if (env != nullptr && answer != nullptr) answer.Call({});
}
using EventLoop = Napi::TypedThreadSafeFunction<std::nullptr_t, void, OnTurn>;

struct Limit {
  std::mutex mutex;                    // of `watch`
  std::unique_ptr<MemoryWatch> watch;  // null: none
  EventLoop loop;
};
// Never destroyed: workers may ask while the process exits.
Limit& limit = *new Limit;

bool WriteToStderr(void*, const char* data, size_t size) {
  return write(STDERR_FILENO, data, size) == static_cast<ssize_t>(size);
}

// Waits for the watch's thread, which may be asking; it must not find the mutex locked.
void End() {
  std::unique_ptr<MemoryWatch> ended;
  {
    const std::lock_guard<std::mutex> lock(limit.mutex);
    ended = std::move(limit.watch);
  }
  if (ended == nullptr) return;
  ended.reset();
  limit.loop.Release();
}

void EndAtExit(void*) { End(); }

}  // namespace

Napi::Value WatchMemoryLimit(const Napi::CallbackInfo& info) {
  const Argument options(
      info, "watchMemoryLimit({ limit, percents: number[], format, facts, answer: function })");
  const Napi::Env env = info.Env();
  MemoryWatchOptions given;
  given.limit = options["limit"].Number();
  for (const uint32_t percent : options["percents"].Counts()) given.percents.push_back(percent);
  const bool as_text = options["format"].Text() == "text";
  const std::string facts = options["facts"].Text();
  const Napi::Function answer = options["answer"].Function();
  End();
  MemoryUse use{};
  if (given.limit == 0 && !MemoryGroups().Read(&use)) return Napi::Boolean::New(env, false);
  given.ask = [] {
    KnockAtAll();
    limit.loop.NonBlockingCall();
  };
  given.on_silence = [as_text, facts](const MemoryMark& mark) {
    char buffer[4096];
    Output out(buffer, sizeof(buffer), WriteToStderr, nullptr);
    WriteSilentReport(facts, mark, {as_text, NowMillis()}, &out);
    out.Flush();
  };
  limit.loop = EventLoop::New(env, answer, "tracemalloc memory limit", 1, 1);
  limit.loop.Unref(env);
  auto watch = std::make_unique<MemoryWatch>(std::move(given));
  {
    const std::lock_guard<std::mutex> lock(limit.mutex);
    limit.watch = std::move(watch);
  }
  napi_remove_env_cleanup_hook(env, EndAtExit, nullptr);
  napi_add_env_cleanup_hook(env, EndAtExit, nullptr);
  return Napi::Boolean::New(env, true);
}

Napi::Value UnwatchMemoryLimit(const Napi::CallbackInfo& info) {
  napi_remove_env_cleanup_hook(info.Env(), EndAtExit, nullptr);
  End();
  return info.Env().Undefined();
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

Napi::Value AnswerMemoryMark(const Napi::CallbackInfo& info) {
  const uint32_t number = Argument(info, "answerMemoryMark(number)").Count();
  const std::lock_guard<std::mutex> lock(limit.mutex);
  if (limit.watch != nullptr) limit.watch->Answer(number);
  return info.Env().Undefined();
}

}  // namespace tracemalloc

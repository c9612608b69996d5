// SPDX-License-Identifier: MIT
#include "napi/held_signals.h"

#include <uv.h>
#include <v8.h>

#include <atomic>
#include <csignal>
#include <cstddef>
#include <string>
#include <utility>

#include "napi/arguments.h"
#include "napi/moment.h"
#include "napi/results.h"
#include "process/held_signals.h"

namespace tracemalloc {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// Time for the event loop to turn, if no JavaScript runs that could be interrupted.
constexpr int64_t kToBegin = 2 * kSecond;
// Time for the last words: longer than they take, shorter than the sender of the signal usually
// waits.
constexpr int64_t kToEnd = 10 * kSecond;

// Used while IsBadMoment.
constexpr int64_t kBetweenInterrupts = kSecond / 100;

enum class Words { kNone, kBegun, kSaid };

void OnTurn(Napi::Env env, Napi::Function, std::nullptr_t*, void*);
using EventLoop = Napi::TypedThreadSafeFunction<std::nullptr_t, void, OnTurn>;

// One per process, as signals are sent to a process.
struct Speaker {
  napi_env env = nullptr;  // null: not listening
  Napi::FunctionReference last_words;
  EventLoop loop;
  v8::Isolate* isolate = nullptr;
  std::string own;  // prefix of the names of our own scripts
  uv_thread_t thread;
  std::atomic<bool> is_ending{false};
  std::atomic<bool> is_interrupting{false};  // an interrupt is requested and has not come yet
  std::atomic<Words> words{Words::kNone};
};
// Never freed, as V8 may call an interrupt at any time.
Speaker& speaker = *new Speaker;

constexpr std::pair<const char*, int> kNames[] = {
    {"SIGTERM", SIGTERM}, {"SIGINT", SIGINT}, {"SIGHUP", SIGHUP}};

// Calls Node-API directly: if execution is being terminated (by a time limit of vm),
// node-addon-api's call would end the process, as it can't make an Error of the exception.
void CallLastWords() {
  const Napi::HandleScope handles(speaker.env);
  napi_value ignored;
  if (napi_call_function(speaker.env, Napi::Env(speaker.env).Undefined(),
                         speaker.last_words.Value(), 0, nullptr, &ignored) != napi_ok) {
    napi_get_and_clear_last_exception(speaker.env, &ignored);
  }
}

void SayLastWords() {
  const int signal = SignalThatCame();
  if (signal == 0 || speaker.env == nullptr) return;
  speaker.words = Words::kBegun;
  CallLastWords();
  LetSignalAct(signal);
  speaker.words = Words::kSaid;
  WakeWaiter();
}

void OnTurn(Napi::Env env, Napi::Function, std::nullptr_t*, void*) {
  if (env != nullptr) SayLastWords();
}

void OnInterrupt(v8::Isolate* isolate, void*) {
  if (speaker.env == nullptr || isolate != speaker.isolate) return;
  const v8::HandleScope handles(isolate);
  speaker.is_interrupting = false;
  if (!IsBadMoment(isolate, speaker.own)) SayLastWords();
}

void Interrupt() {
  if (!speaker.is_interrupting.exchange(true)) {
    speaker.isolate->RequestInterrupt(OnInterrupt, nullptr);
  }
}

bool AwaitWords(Words words, int64_t timeout) {
  const int64_t deadline = MonotonicNow() + timeout;
  while (speaker.words < words && !speaker.is_ending) {
    if (MonotonicNow() >= deadline) return false;
    AwaitSignal(kBetweenInterrupts);
    if (speaker.words == Words::kNone) Interrupt();
  }
  return true;
}

// Runs on its own thread: a signal handler can do almost nothing, and the event loop may be
// blocked.
void Listen(void*) {
  while (!speaker.is_ending) {
    AwaitSignal(0);
    const int signal = SignalThatCame();
    if (signal == 0 || speaker.is_ending) continue;
    speaker.words = Words::kNone;
    speaker.loop.NonBlockingCall();
    Interrupt();
    ConfirmSignal();
    if (!AwaitWords(Words::kBegun, kToBegin)) {
      WriteLineIfRoom("tracemalloc: no last report: the event loop is blocked\n");
      LetSignalAct(signal);
    } else if (!AwaitWords(Words::kSaid, kToEnd)) {
      WriteLineIfRoom("tracemalloc: the last report takes too long: it is given up\n");
      LetSignalAct(signal);
    }
  }
}

// Called before the isolate is disposed of.
void End() {
  ReleaseSignals();
  speaker.is_ending = true;
  WakeWaiter();
  uv_thread_join(&speaker.thread);
  speaker.last_words.Reset();
  speaker.env = nullptr;
}

bool IsSpeaker(napi_env env) { return speaker.env == env; }

}  // namespace

Napi::Value OnHeldSignal(const Napi::CallbackInfo& info) {
  const Argument options(info, "onHeldSignal({ own, lastWords }), once");
  options.Require(speaker.env == nullptr);
  speaker.own = options["own"].Text();
  speaker.last_words = Napi::Persistent(options["lastWords"].Function());
  speaker.loop = EventLoop::New(info.Env(), "tracemalloc", 0, 1);
  speaker.loop.Unref(info.Env());
  speaker.env = info.Env();
  speaker.isolate = v8::Isolate::GetCurrent();
  const uv_thread_options_t small = {UV_THREAD_HAS_STACK_SIZE, 256 << 10};
  if (uv_thread_create_ex(&speaker.thread, &small, Listen, nullptr) != 0) {
    speaker.env = nullptr;
    throw ToError(info.Env(), Status::Error(StatusCode::kOutOfMemory, "no thread for signals"));
  }
  info.Env().AddCleanupHook(End);
  return info.Env().Undefined();
}

Napi::Value HoldSignal(const Napi::CallbackInfo& info) {
  const Argument argument(info, "holdSignal(name), after onHeldSignal()");
  argument.Require(IsSpeaker(info.Env()));
  const std::string wanted = argument.Text();
  for (const auto& [name, signal] : kNames) {
    if (wanted == name) HoldSignal(signal);
  }
  return info.Env().Undefined();
}

Napi::Value ReleaseSignals(const Napi::CallbackInfo& info) {
  if (IsSpeaker(info.Env())) ReleaseSignals();
  return info.Env().Undefined();
}

}  // namespace tracemalloc

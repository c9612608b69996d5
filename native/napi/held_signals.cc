// SPDX-License-Identifier: MIT
#include "napi/held_signals.h"

#include <uv.h>
#include <v8.h>

#include <atomic>
#include <csignal>
#include <iterator>
#include <string>
#include <utility>

#include "napi/values.h"
#include "process/held_signals.h"

namespace tracemalloc {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// For the event loop to turn, where no JavaScript runs that could be interrupted.
constexpr int64_t kToBegin = 2 * kSecond;
// For the last words: longer than they take, shorter than whoever sent the signal waits.
constexpr int64_t kToEnd = 10 * kSecond;

// Where the moment is a bad one.
constexpr int64_t kBetweenInterrupts = kSecond / 100;

enum class Words { kNone, kBegun, kSaid };

// One in a process: signals are the process's. Never freed, as V8 may call an interrupt at any
// time.
struct Speaker {
  napi_env env = nullptr;  // null: nobody listens any more
  napi_ref last_words = nullptr;
  napi_threadsafe_function loop = nullptr;
  v8::Isolate* isolate = nullptr;
  std::string own;  // how the names of our scripts begin
  uv_thread_t thread;
  std::atomic<bool> is_ending{false};
  std::atomic<bool> is_interrupting{false};  // V8 has been asked, and has not called yet
  std::atomic<Words> words{Words::kNone};
};
Speaker speaker;

constexpr std::pair<const char*, int> kNames[] = {
    {"SIGTERM", SIGTERM}, {"SIGINT", SIGINT}, {"SIGHUP", SIGHUP}};

// In the middle of our own code, what is to be said may be half made; where Node loads its modules,
// some of those that are needed for it.
bool IsBadMoment() {
  const auto stack = v8::StackTrace::CurrentStackTrace(speaker.isolate, 200);
  for (int i = 0; i < stack->GetFrameCount(); ++i) {
    const auto frame = stack->GetFrame(speaker.isolate, static_cast<uint32_t>(i));
    const v8::String::Utf8Value name(speaker.isolate, frame->GetScriptName());
    if (*name == nullptr) continue;
    const std::string script(*name);
    if (script == "node:internal/bootstrap/realm") return true;
    if (!speaker.own.empty() && script.rfind(speaker.own, 0) == 0) return true;
  }
  return false;
}

void SayLastWords() {
  const int signal = SignalThatCame();
  if (signal == 0 || speaker.env == nullptr) return;
  speaker.words = Words::kBegun;
  napi_handle_scope scope;
  napi_value function, receiver, ignored;
  if (napi_open_handle_scope(speaker.env, &scope) == napi_ok) {
    napi_get_undefined(speaker.env, &receiver);
    if (napi_get_reference_value(speaker.env, speaker.last_words, &function) == napi_ok &&
        napi_call_function(speaker.env, receiver, function, 0, nullptr, &ignored) != napi_ok) {
      napi_get_and_clear_last_exception(speaker.env, &ignored);
    }
    napi_close_handle_scope(speaker.env, scope);
  }
  LetSignalAct(signal);
  speaker.words = Words::kSaid;
  WakeWaiter();
}

void OnTurn(napi_env env, napi_value, void*, void*) {
  if (env != nullptr) SayLastWords();
}

void OnInterrupt(v8::Isolate* isolate, void*) {
  if (speaker.env == nullptr || isolate != speaker.isolate) return;
  const v8::HandleScope handles(isolate);
  speaker.is_interrupting = false;
  if (!IsBadMoment()) SayLastWords();
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

// A thread of its own: a handler of signals can do nothing, and the event loop may not turn.
void Listen(void*) {
  while (!speaker.is_ending) {
    AwaitSignal(0);
    const int signal = SignalThatCame();
    if (signal == 0 || speaker.is_ending) continue;
    speaker.words = Words::kNone;
    napi_call_threadsafe_function(speaker.loop, nullptr, napi_tsfn_nonblocking);
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

// Before the isolate goes.
void End(void*) {
  ReleaseSignals();
  speaker.is_ending = true;
  WakeWaiter();
  uv_thread_join(&speaker.thread);
  napi_delete_reference(speaker.env, speaker.last_words);
  speaker.env = nullptr;
}

napi_value Refuse(napi_env env, const char* usage) {
  Throw(env, Status::Error(StatusCode::kInvalidArgument, usage));
  return nullptr;
}

}  // namespace

napi_value OnHeldSignal(napi_env env, napi_callback_info info) {
  napi_value options, last_words, name;
  if (!GetArgument(env, info, &options) || !GetText(env, options, "own", &speaker.own) ||
      napi_get_named_property(env, options, "lastWords", &last_words) != napi_ok ||
      speaker.env != nullptr ||
      napi_create_string_utf8(env, "tracemalloc", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_reference(env, last_words, 1, &speaker.last_words) != napi_ok ||
      napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr,
                                      OnTurn, &speaker.loop) != napi_ok) {
    return Refuse(env, "onHeldSignal({ own, lastWords }), once");
  }
  napi_unref_threadsafe_function(env, speaker.loop);
  speaker.env = env;
  speaker.isolate = v8::Isolate::GetCurrent();
  const uv_thread_options_t small = {UV_THREAD_HAS_STACK_SIZE, 256 << 10};
  if (uv_thread_create_ex(&speaker.thread, &small, Listen, nullptr) != 0) {
    speaker.env = nullptr;
    return Refuse(env, "no thread for signals");
  }
  napi_add_env_cleanup_hook(env, End, nullptr);
  return nullptr;
}

napi_value HoldSignal(napi_env env, napi_callback_info info) {
  napi_value argument;
  std::string wanted;
  if (speaker.env != env || !GetArgument(env, info, &argument) ||
      !GetText(env, argument, &wanted)) {
    return Refuse(env, "holdSignal(name), after onHeldSignal()");
  }
  for (const auto& [name, signal] : kNames) {
    if (wanted == name) HoldSignal(signal);
  }
  return nullptr;
}

napi_value ReleaseSignals(napi_env env, napi_callback_info info) {
  if (speaker.env == env) ReleaseSignals();
  return nullptr;
}

}  // namespace tracemalloc

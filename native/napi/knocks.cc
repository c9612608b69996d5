// SPDX-License-Identifier: MIT
#include "napi/knocks.h"

#include <v8.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "napi/arguments.h"
#include "napi/locals.h"
#include "napi/moment.h"
#include "v8/caught_errors.h"

namespace tracemalloc {
namespace {

// Made, called and destroyed on its own thread.
struct Door {
  v8::Isolate* isolate;
  std::string own;  // prefix of the names of our own scripts
  Napi::FunctionReference answer;
  uint32_t thread_id;
  bool is_asked = false;  // an interrupt is requested and has not come yet
};

// All doors, by a name of their own: V8 may call back after a door is gone, when another thread may
// have its id. Never destroyed: workers may end while the process exits.
struct Doors {
  std::mutex mutex;
  uintptr_t last_name = 0;
  std::map<uintptr_t, Door*> by_name;
};

Doors& All() {
  static auto* const all = new Doors;
  return *all;
}

// The first one for which that holds, taken out of the list; null: none.
template <typename Condition>
std::unique_ptr<Door> TakeOut(const Condition& condition) {
  Doors& all = All();
  const std::lock_guard<std::mutex> lock(all.mutex);
  for (auto it = all.by_name.begin(); it != all.by_name.end(); ++it) {
    if (!condition(it->second)) continue;
    std::unique_ptr<Door> door(it->second);
    all.by_name.erase(it);
    return door;
  }
  return nullptr;
}

// A thread has one door: the last, as of several realms only the last may trace.
void Open(Door* door) {
  TakeOut([door](const Door* other) { return other->isolate == door->isolate; });
  Doors& all = All();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.by_name.emplace(++all.last_name, door);
}

// Called before the isolate is disposed of. The door may be gone.
void Close(Door* door) {
  TakeOut([door](const Door* other) { return other == door; });
}

void OnInterrupt(v8::Isolate* isolate, void* name) {
  Door* door = nullptr;
  {
    Doors& all = All();
    const std::lock_guard<std::mutex> lock(all.mutex);
    const auto found = all.by_name.find(reinterpret_cast<uintptr_t>(name));
    if (found == all.by_name.end()) return;
    door = found->second;
    door->is_asked = false;
  }
  const v8::HandleScope handles(isolate);
  if (!isolate->InContext() || IsInNode(isolate) || IsBadMoment(isolate, door->own)) return;
  const CaughtErrors errors(isolate);
  const auto ignored = LocalOf<v8::Function>(door->answer.Value())
                           ->Call(isolate->GetCurrentContext(), v8::Undefined(isolate), 0, nullptr);
  static_cast<void>(ignored);
}

template <typename Condition>
void KnockAt(const Condition& condition) {
  Doors& all = All();
  // Held meanwhile, so that the isolate stays alive.
  const std::lock_guard<std::mutex> lock(all.mutex);
  for (const auto& [name, door] : all.by_name) {
    if (door->is_asked || !condition(*door)) continue;
    door->is_asked = true;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): a name, not an address
    door->isolate->RequestInterrupt(OnInterrupt, reinterpret_cast<void*>(name));
  }
}

}  // namespace

Napi::Value OnKnock(const Napi::CallbackInfo& info) {
  const Argument options(info, "onKnock({ threadId, own, answer }), once for each thread");
  auto* door =
      new Door{v8::Isolate::GetCurrent(), options["own"].Text(),
               Napi::Persistent(options["answer"].Function()), options["threadId"].Count()};
  Open(door);
  info.Env().AddCleanupHook(Close, door);
  return info.Env().Undefined();
}

Napi::Value Knock(const Napi::CallbackInfo& info) {
  const uint32_t thread_id = Argument(info, "knock(threadId)").Count();
  KnockAt([thread_id](const Door& door) { return door.thread_id == thread_id; });
  return info.Env().Undefined();
}

void KnockAtAll() {
  KnockAt([](const Door&) { return true; });
}

}  // namespace tracemalloc

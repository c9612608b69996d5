// SPDX-License-Identifier: MIT
#include "v8/walker/safe_point.h"

#include <map>
#include <mutex>
#include <new>

namespace tracemalloc {
namespace {

// All safe points, by name. Never freed: threads may outlive the main thread's statics.
struct SafePoints {
  std::mutex mutex;
  uintptr_t last_name = 0;
  std::map<uintptr_t, SafePoint*> by_name;
};

SafePoints& All() {
  static auto* all = new SafePoints;
  return *all;
}

uintptr_t Add(SafePoint* safe_point) {
  SafePoints& all = All();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.by_name.emplace(all.last_name + 1, safe_point);
  return ++all.last_name;
}

}  // namespace

SafePoint::SafePoint(v8::Isolate* isolate, Callback callback, void* data)
    : isolate_(isolate), callback_(callback), data_(data), name_(Add(this)) {}

SafePoint::~SafePoint() {
  SafePoints& all = All();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.by_name.erase(name_);
}

void SafePoint::Ask() {
  if (is_asked_) return;
  is_asked_ = true;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a name, not an address
  isolate_->RequestInterrupt(OnInterrupt, reinterpret_cast<void*>(name_));
}

void SafePoint::OnInterrupt(v8::Isolate*, void* name) {
  SafePoint* safe_point = nullptr;
  {
    SafePoints& all = All();
    const std::lock_guard<std::mutex> lock(all.mutex);
    const auto found = all.by_name.find(reinterpret_cast<uintptr_t>(name));
    if (found == all.by_name.end()) return;
    safe_point = found->second;  // destroyed on this thread only, so not before we return
  }
  safe_point->is_asked_ = false;
  try {
    safe_point->callback_(safe_point->data_);
  } catch (const std::bad_alloc&) {
    // There is no caller to report to; the callback may be requested again.
  }
}

}  // namespace tracemalloc

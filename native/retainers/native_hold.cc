// SPDX-License-Identifier: MIT
#include "retainers/native_hold.h"

#include <algorithm>

#include "layout/safe_read.h"

namespace tracemalloc {
namespace {

constexpr uintptr_t kWord = 8;
constexpr int kFirstField = 3;  // in words
constexpr int kMostFields = 8;
constexpr uintptr_t kHandleOfNative = kWord;  // behind the vtable
constexpr uintptr_t kHandleFlags = kWord + 3;
constexpr uint8_t kHandleState = 3;
constexpr uint8_t kStrongState = 1;
// What the first field of Node's own objects refers to; kNodeEmbedderId in src/env_properties.h.
constexpr uint16_t kNodeEmbedderId = 0x90de;

}  // namespace

bool CanNativeCodeHold(HeapObjects* objects, uintptr_t object) {
  const HeapObjects::Shape shape = objects->ShapeOf(object);
  const int end = std::min<int>(shape.size_in_words, kFirstField + kMostFields);
  bool is_of_node = false;
  for (int i = kFirstField; i < end; i++) {
    const uintptr_t native = objects->Word(object, i * static_cast<int>(kWord));
    if (native == 0 || native % 2 != 0) continue;
    uint16_t id;
    if (SafeRead(native, &id) && id == kNodeEmbedderId) is_of_node = true;
    uintptr_t handle;
    uintptr_t referent;
    uint8_t flags;
    if (!SafeRead(native + kHandleOfNative, &handle) || !SafeRead(handle, &referent) ||
        referent != object || !SafeRead(handle + kHandleFlags, &flags)) {
      continue;
    }
    return (flags & kHandleState) == kStrongState;
  }
  return !is_of_node;
}

}  // namespace tracemalloc

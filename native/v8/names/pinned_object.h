// SPDX-License-Identifier: MIT
// Holds any object of V8's heap by its tagged address, even one for which V8's API has no type (a
// Script, a SharedFunctionInfo). Making one needs malloc only: no handle scope, no JS allocation.
#ifndef TRACEMALLOC_V8_NAMES_PINNED_OBJECT_H_
#define TRACEMALLOC_V8_NAMES_PINNED_OBJECT_H_

#include <v8.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace tracemalloc {

// A Local is the address of a slot that holds the tagged address. Only the slot's lifetime makes
// it valid: `*slot` must not be moved by a collection while the result is in use.
template <typename T>
v8::Local<T> LocalAtSlot(const uintptr_t* slot) {
  static_assert(sizeof(v8::Local<T>) == sizeof(slot), "a Local is one pointer");
  v8::Local<T> local;
  std::memcpy(static_cast<void*>(&local), &slot, sizeof(slot));
  return local;
}

template <typename T>
uintptr_t TaggedAddressOf(v8::Local<T> local) {
  const uintptr_t* slot;
  std::memcpy(&slot, static_cast<const void*>(&local), sizeof(slot));
  return slot == nullptr ? 0 : *slot;
}

// The same handle as another type, for objects that V8 hides behind an unchecked type of its API.
template <typename To, typename From>
v8::Local<To> ReinterpretLocal(v8::Local<From> from) {
  static_assert(sizeof(v8::Local<To>) == sizeof(v8::Local<From>), "a Local is one pointer");
  v8::Local<To> to;
  std::memcpy(static_cast<void*>(&to), static_cast<const void*>(&from), sizeof(to));
  return to;
}

using PinnedObject = v8::Global<v8::Value>;

inline PinnedObject Pin(v8::Isolate* isolate, uintptr_t tagged) {
  return PinnedObject(isolate, LocalAtSlot<v8::Value>(&tagged));
}

// The current address; `pinned` must not be empty.
inline uintptr_t AddressOf(const PinnedObject& pinned) {
  const uintptr_t* slot;
  std::memcpy(static_cast<void*>(&slot), static_cast<const void*>(&pinned), sizeof(slot));
  return *slot - 1;
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_PINNED_OBJECT_H_

// SPDX-License-Identifier: MIT
// Typed reading of V8's heap and of the stack. Every step checks the object's instance type first;
// in all modes but the direct one, reading an address that is not mapped fails safely, so that a
// wrong layout leads to `false` and not to a signal. Nothing here allocates or writes.
#ifndef TRACEMALLOC_LAYOUT_HEAP_VIEW_H_
#define TRACEMALLOC_LAYOUT_HEAP_VIEW_H_

#include <array>
#include <cstdint>
#include <cstring>

#include "layout/layout.h"
#include "layout/machine/architecture.h"
#include "layout/object_offsets.h"

namespace tracemalloc {

enum class Memory {
  kDirect,
  kChecked,  // this isolate's memory: pages found mapped stay mapped
  kForeign,  // any memory: another thread may unmap it at any moment, so each read is a system call
};

constexpr int32_t kMaxArrayLength = 1 << 27;

class HeapView {
 public:
  HeapView(const Layout* layout, Memory memory) : layout_(layout), memory_(memory) {}

  const Layout& layout() const { return *layout_; }
  Memory memory() const { return memory_; }

  template <typename T>
  bool Load(uintptr_t address, T* to) const {
    return Copy(address, to, sizeof(T));
  }
  bool Copy(uintptr_t address, void* to, size_t size) const {
    if (memory_ != Memory::kDirect) return CopyIfMapped(address, to, size);
    std::memcpy(to, reinterpret_cast<const void*>(address), size);
    return true;
  }
  // Checked mode remembers which pages it found mapped; to be called when V8 has run meanwhile.
  void ForgetPages() const { mapped_pages_.fill(0); }

  static bool IsHeapObject(uintptr_t value) {
    return (value & 7) == 1 && value > 0x10000 && value < kEndOfUserMemory;
  }
  static bool IsSmi(uintptr_t value) { return (value & 0xffffffff) == 0; }
  static int32_t SmiValue(uintptr_t value) { return static_cast<int32_t>(value >> 32); }

  template <typename T>
  bool Field(uintptr_t object, int offset, T* to) const {
    return Load(object - 1 + offset, to);
  }
  bool SmiField(uintptr_t object, int offset, int32_t* to) const {
    uintptr_t value;
    if (!Field(object, offset, &value) || !IsSmi(value)) return false;
    *to = SmiValue(value);
    return true;
  }
  bool ReadType(uintptr_t object, uint16_t* type) const {
    uintptr_t map;
    return IsHeapObject(object) && Field(object, 0, &map) && IsHeapObject(map) &&
           Field(map, kMapInstanceType, type);
  }
  bool HasType(uintptr_t object, int instance_type) const {
    uint16_t type;
    return ReadType(object, &type) && type == instance_type;
  }
  // A field holding a heap object of that type.
  bool ObjectField(uintptr_t object, int offset, int instance_type, uintptr_t* to) const {
    return Field(object, offset, to) && HasType(*to, instance_type);
  }
  // The bytes of a byte array.
  bool ByteArray(uintptr_t object, int instance_type, uintptr_t* data, int32_t* length) const {
    if (!HasType(object, instance_type) || !SmiField(object, kArrayLength, length) || *length < 0 ||
        *length > kMaxArrayLength) {
      return false;
    }
    *data = object - 1 + kArrayData;
    return true;
  }

 private:
  bool CopyIfMapped(uintptr_t address, void* to, size_t size) const;
  bool IsMapped(uintptr_t address, size_t size) const;

  const Layout* layout_;
  Memory memory_;
  mutable std::array<uintptr_t, 64> mapped_pages_{};
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_HEAP_VIEW_H_

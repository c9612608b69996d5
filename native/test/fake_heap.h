// SPDX-License-Identifier: MIT
// A hand-built V8 heap in ordinary memory: objects with maps, byte arrays, code with its
// instruction stream. Tests build from it what the views must accept, and what they must refuse.
#ifndef TRACEMALLOC_TEST_FAKE_HEAP_H_
#define TRACEMALLOC_TEST_FAKE_HEAP_H_

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "layout/heap_view.h"
#include "layout/layout.h"

namespace tracemalloc {

class FakeHeap {
 public:
  explicit FakeHeap(const Layout& layout) : layout_(layout) {}
  ~FakeHeap() {
    for (void* block : blocks_) std::free(block);
  }
  FakeHeap(const FakeHeap&) = delete;
  FakeHeap& operator=(const FakeHeap&) = delete;

  static uintptr_t Smi(int32_t value) {
    return static_cast<uintptr_t>(static_cast<uint32_t>(value)) << 32;
  }

  // Returns a tagged address; the object is zero except its map.
  uintptr_t NewObject(int instance_type, size_t size) {
    uintptr_t& map = maps_[instance_type];
    if (map == 0) {
      map = Allocate(80) + 1;
      Set<uint16_t>(map, kMapInstanceType, static_cast<uint16_t>(instance_type));
    }
    const uintptr_t object = Allocate(size) + 1;
    Set(object, 0, map);
    return object;
  }
  uintptr_t NewBytes(int instance_type, int data_offset, const std::vector<uint8_t>& bytes) {
    const uintptr_t object = NewObject(instance_type, data_offset + bytes.size() + 8);
    Set(object, kArrayLength, Smi(static_cast<int32_t>(bytes.size())));
    if (!bytes.empty()) {
      std::memcpy(reinterpret_cast<void*>(object - 1 + data_offset), bytes.data(), bytes.size());
    }
    return object;
  }
  uintptr_t NewArray(const std::vector<uintptr_t>& elements) {
    const uintptr_t object = NewObject(1, kArrayData + 8 * elements.size());
    Set(object, kArrayLength, Smi(static_cast<int32_t>(elements.size())));
    for (size_t i = 0; i < elements.size(); ++i) {
      Set(object, kArrayData + 8 * static_cast<int>(i), elements[i]);
    }
    return object;
  }
  // Creates code with these instructions, followed by `metadata`.
  uintptr_t NewCode(int kind, const std::vector<uint8_t>& instructions,
                    const std::vector<uint8_t>& metadata) {
    const uintptr_t code = NewObject(layout_.type_code, 128);
    const uintptr_t block = Allocate(64 + instructions.size() + metadata.size() + 64);
    const uintptr_t start = block + 64;
    std::memcpy(reinterpret_cast<void*>(start), instructions.data(), instructions.size());
    if (!metadata.empty()) {
      std::memcpy(reinterpret_cast<void*>(start + instructions.size()), metadata.data(),
                  metadata.size());
    }
    const uintptr_t stream = start - layout_.stream_header + 1;
    Set(stream, layout_.stream_code, code);
    Set(code, layout_.code_stream, stream);
    Set(code, layout_.code_start, start);
    Set<uint32_t>(code, layout_.code_flags, static_cast<uint32_t>(kind));
    Set<uint32_t>(code, layout_.code_size, static_cast<uint32_t>(instructions.size()));
    return code;
  }
  uintptr_t CodeStart(uintptr_t code) const {
    uintptr_t start;
    std::memcpy(&start, reinterpret_cast<void*>(code - 1 + layout_.code_start), sizeof(start));
    return start;
  }

  template <typename T>
  void Set(uintptr_t object, int offset, T value) {
    std::memcpy(reinterpret_cast<void*>(object - 1 + offset), &value, sizeof(value));
  }

 private:
  uintptr_t Allocate(size_t size) {
    void* block = std::aligned_alloc(64, (size + 63) / 64 * 64);
    std::memset(block, 0, (size + 63) / 64 * 64);
    blocks_.push_back(block);
    return reinterpret_cast<uintptr_t>(block);
  }

  const Layout& layout_;
  std::map<int, uintptr_t> maps_;
  std::vector<void*> blocks_;
};

inline const Layout& Node24Layout() {
  std::string reason;
  return *FindLayout(137, "13.6.233.17-node.53", &reason);
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_TEST_FAKE_HEAP_H_

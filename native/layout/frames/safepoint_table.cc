// SPDX-License-Identifier: MIT
#include "layout/frames/safepoint_table.h"

#include <algorithm>
#include <cstring>

#include "layout/heap_view.h"

namespace tracemalloc {
namespace {

constexpr uint32_t kMaxEntries = 1 << 16;

uint32_t ReadWord(const uint8_t* bytes) {
  uint32_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

// Little-endian, of one to four bytes.
int32_t ReadBytes(const uint8_t* bytes, uint32_t size) {
  uint32_t value = 0;
  for (uint32_t i = 0; i < size; ++i) value |= static_cast<uint32_t>(bytes[i]) << (8 * i);
  return static_cast<int32_t>(value);
}

// The header: ..., uint32 length, uint32 configuration, and in Maglev's the number of tagged
// slots. The configuration: bit 0 entries have deoptimisation data, bits 1-3 bytes of a register
// mask, 4-6 bytes of a code offset, 7-9 bytes of a deoptimisation index.
struct Shape {
  uint32_t length;
  bool has_deopt;
  uint32_t register_size;
  uint32_t offset_size;
  uint32_t deopt_size;
  uint32_t entry_size;
  uint32_t header_size;
};

Shape ReadShape(const uint8_t* bytes, int length_field, Tier tier) {
  Shape shape;
  shape.length = ReadWord(bytes + length_field);
  const uint32_t configuration = ReadWord(bytes + length_field + 4);
  shape.has_deopt = (configuration & 1) != 0;
  shape.register_size = (configuration >> 1) & 7;
  shape.offset_size = (configuration >> 4) & 7;
  shape.deopt_size = (configuration >> 7) & 7;
  shape.header_size = length_field + (tier == Tier::kMaglev ? 12 : 8);
  shape.entry_size = shape.offset_size + shape.register_size +
                     (shape.has_deopt ? shape.deopt_size + shape.offset_size : 0) +
                     (tier == Tier::kMaglev ? 1 : 0);
  return shape;
}

constexpr size_t kLongestHeader = 16;

}  // namespace

bool SafepointTable::Decode(const HeapView& heap, const CodeObject& code) {
  const int length_field = heap.layout().safepoint_length;
  const uintptr_t table = code.start + code.size;
  uint8_t header[kLongestHeader];
  if (length_field < 0 || length_field + 12 > static_cast<int>(kLongestHeader)) return false;
  if (!heap.Copy(table, header, sizeof(header))) return false;
  const Shape shape = ReadShape(header, length_field, code.tier);
  if (shape.length > kMaxEntries) return false;
  bytes_.resize(
      std::max<size_t>(kLongestHeader, shape.header_size + shape.length * shape.entry_size));
  return heap.Copy(table, bytes_.data(), bytes_.size()) &&
         DecodeBytes(bytes_.data(), bytes_.size(), length_field, code.tier);
}

bool SafepointTable::DecodeBytes(const uint8_t* bytes, size_t size, int length_field, Tier tier) {
  entries_.clear();
  if (size < kLongestHeader) return false;
  const Shape shape = ReadShape(bytes, length_field, tier);
  if (shape.offset_size > 4 || shape.deopt_size > 4 || shape.register_size > 4 ||
      size < shape.header_size + static_cast<size_t>(shape.length) * shape.entry_size) {
    return false;
  }
  const uint8_t* entry = bytes + shape.header_size;
  for (uint32_t i = 0; i < shape.length; ++i, entry += shape.entry_size) {
    Safepoint safepoint;
    safepoint.return_offset = ReadBytes(entry, shape.offset_size);
    if (shape.has_deopt) {
      // Both are stored plus one; zero means none.
      safepoint.deopt_index = ReadBytes(entry + shape.offset_size, shape.deopt_size) - 1;
      safepoint.exit_offset =
          ReadBytes(entry + shape.offset_size + shape.deopt_size, shape.offset_size) - 1;
    }
    entries_.push_back(safepoint);
  }
  return true;
}

const Safepoint* SafepointTable::Find(int32_t offset) const {
  for (const Safepoint& entry : entries_) {
    if (entry.return_offset == offset || entry.exit_offset == offset) return &entry;
  }
  return nullptr;
}

}  // namespace tracemalloc

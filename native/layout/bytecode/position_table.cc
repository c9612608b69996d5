// SPDX-License-Identifier: MIT
#include "layout/bytecode/position_table.h"

#include <algorithm>

#include "layout/heap_view.h"

namespace tracemalloc {
namespace {

// Little-endian groups of seven bits; a set high bit means that more follow.
bool ReadVariableLength(const uint8_t* bytes, size_t size, size_t* index, uint64_t* value) {
  *value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (*index >= size) return false;
    const uint8_t byte = bytes[(*index)++];
    *value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

}  // namespace

bool PositionTable::Decode(const HeapView& heap, uintptr_t table) {
  uintptr_t data;
  int32_t length;
  if (!heap.ByteArray(table, heap.layout().type_byte_array, &data, &length)) return false;
  bytes_.resize(length);
  if (length > 0 && !heap.Copy(data, bytes_.data(), length)) return false;
  return DecodeBytes(bytes_.data(), length,
                     static_cast<PositionEncoding>(heap.layout().position_encoding));
}

bool PositionTable::DecodeBytes(const uint8_t* bytes, size_t size, PositionEncoding encoding) {
  entries_.clear();
  Entry current{-1, {0}};
  size_t index = 0;
  while (index < size) {
    uint64_t offset;
    uint64_t position;
    if (!ReadVariableLength(bytes, size, &index, &offset) ||
        !ReadVariableLength(bytes, size, &index, &position)) {
      return false;
    }
    int64_t delta;
    switch (encoding) {
      case kTwoFlagBits:
        delta = static_cast<int64_t>(offset >> 2);
        break;
      case kStatementInSign:
        delta = UnZigZag(offset);
        if (delta < 0) delta = -(delta + 1);
        break;
      default:
        return false;
    }
    const int64_t next = current.code_offset + delta;
    if (next > INT32_MAX) return false;
    current.code_offset = static_cast<int32_t>(next);
    current.position.raw += UnZigZag(position);
    if (current.position.raw < 0) return false;
    if (!current.position.external()) entries_.push_back(current);
  }
  return true;
}

const PositionTable::Entry* PositionTable::Find(int32_t code_offset) const {
  const auto it = std::upper_bound(entries_.begin(), entries_.end(), code_offset,
                                   [](int32_t o, const Entry& e) { return o < e.code_offset; });
  return it == entries_.begin() ? nullptr : &*(it - 1);
}

}  // namespace tracemalloc

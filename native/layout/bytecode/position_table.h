// SPDX-License-Identifier: MIT
// Source position tables: delta-encoded lists of (code offset, source position), one per bytecode
// array and per optimised code object.
#ifndef TRACEMALLOC_LAYOUT_BYTECODE_POSITION_TABLE_H_
#define TRACEMALLOC_LAYOUT_BYTECODE_POSITION_TABLE_H_

#include <cstdint>
#include <vector>

#include "layout/layout.h"

namespace tracemalloc {

class HeapView;

// V8's packed SourcePosition.
struct SourcePosition {
  int64_t raw = 0;

  bool is_known() const { return raw != 0; }
  bool external() const { return (raw & 1) != 0; }
  int32_t script_offset() const { return static_cast<int32_t>((raw >> 1) & 0x3fffffff) - 1; }
  int32_t inlining_id() const { return static_cast<int32_t>((raw >> 31) & 0xffff) - 1; }

  static SourcePosition In(int32_t inlining_id, int32_t script_offset) {
    return {int64_t{inlining_id + 1} << 31 | int64_t{script_offset + 1} << 1};
  }
};

class PositionTable {
 public:
  struct Entry {
    int32_t code_offset;
    SourcePosition position;
  };

  // Copies and decodes the table object. False if it is not one, or is cut off.
  bool Decode(const HeapView& heap, uintptr_t table);
  bool DecodeBytes(const uint8_t* bytes, size_t size, PositionEncoding encoding);

  // The last JavaScript entry at or before `code_offset`; nullptr: none.
  const Entry* Find(int32_t code_offset) const;
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<uint8_t> bytes_;  // kept to reuse its memory
  std::vector<Entry> entries_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_BYTECODE_POSITION_TABLE_H_

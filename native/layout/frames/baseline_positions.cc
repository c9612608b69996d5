// SPDX-License-Identifier: MIT
#include "layout/frames/baseline_positions.h"

#include "layout/bytecode/bytecode_sizes.h"
#include "layout/frames/code_lookup.h"
#include "layout/heap_view.h"

namespace tracemalloc {
namespace {

bool ReadUnsigned(const std::vector<uint8_t>& bytes, size_t* index, uint32_t* value) {
  *value = 0;
  for (int shift = 0; shift < 32; shift += 7) {
    if (*index >= bytes.size()) return false;
    const uint8_t byte = bytes[(*index)++];
    *value |= static_cast<uint32_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

}  // namespace

bool MapBaselineOffset(const BytecodeSizes& sizes, const std::vector<uint8_t>& offset_table,
                       const std::vector<uint8_t>& bytecodes, uint32_t pc_offset,
                       int32_t* bytecode_offset) {
  size_t index = 0;
  uint32_t end;  // of the current bytecode's instructions; first of the function's prologue
  if (!ReadUnsigned(offset_table, &index, &end)) return false;
  *bytecode_offset = -1;
  size_t next = 0;
  while (end < pc_offset) {
    const int size = sizes.SizeAt(bytecodes.data() + next, bytecodes.size() - next);
    uint32_t length;
    if (size == 0 || !ReadUnsigned(offset_table, &index, &length)) return false;
    *bytecode_offset = static_cast<int32_t>(next);
    next += size;
    end += length;
  }
  return true;
}

bool BaselineBytecodeOffset(const HeapView& heap, const BytecodeSizes& sizes,
                            const CodeObject& code, uintptr_t bytecode_array, uintptr_t pc,
                            int32_t* bytecode_offset) {
  const Layout& layout = heap.layout();
  uintptr_t table;
  uintptr_t table_data;
  int32_t table_length;
  int32_t length;
  if (!heap.Field(code.object, layout.code_positions, &table) ||
      !heap.ByteArray(table, layout.type_byte_array, &table_data, &table_length) ||
      !heap.HasType(bytecode_array, layout.type_bytecode_array) ||
      !heap.SmiField(bytecode_array, kArrayLength, &length) || length < 0 ||
      length > kMaxArrayLength) {
    return false;
  }
  std::vector<uint8_t> table_bytes(table_length);
  std::vector<uint8_t> bytecodes(length);
  if (!heap.Copy(table_data, table_bytes.data(), table_length) ||
      !heap.Copy(bytecode_array - 1 + layout.bytecode_data, bytecodes.data(), length)) {
    return false;
  }
  return MapBaselineOffset(sizes, table_bytes, bytecodes, static_cast<uint32_t>(pc - code.start),
                           bytecode_offset);
}

}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
#include "layout/bytecode/allocating_bytecodes.h"

#include <algorithm>

#include "layout/heap_view.h"

namespace tracemalloc {
namespace {

uint32_t ReadOperand(const uint8_t* at, int width) {
  uint32_t value = 0;
  for (int i = 0; i < width; ++i) value |= static_cast<uint32_t>(at[i]) << (8 * i);
  return value;
}

// Which operand is the constant; -1: none.
int ConstantOperand(BytecodeKind kind) {
  switch (kind) {
    case BytecodeKind::kObjectLiteral:
    case BytecodeKind::kArrayLiteral:
    case BytecodeKind::kRegExp:
    case BytecodeKind::kTemplateObject:
    case BytecodeKind::kClosure:
    case BytecodeKind::kBlockContext:
    case BytecodeKind::kFunctionContext:
      return 0;
    case BytecodeKind::kOtherContext:
      return 1;
    default:
      return -1;
  }
}

}  // namespace

bool AllocatingBytecodes::Decode(const HeapView& heap, uintptr_t bytecode_array) {
  const Layout& layout = heap.layout();
  all_.clear();
  int32_t length;
  uintptr_t table;
  if (!heap.HasType(bytecode_array, layout.type_bytecode_array) ||
      !heap.SmiField(bytecode_array, kArrayLength, &length) || length <= 0 ||
      length > kMaxArrayLength || !heap.Field(bytecode_array, layout.bytecode_positions, &table) ||
      !positions_.Decode(heap, table)) {
    return false;
  }
  bytes_.resize(length);
  return heap.Copy(bytecode_array - 1 + layout.bytecode_data, bytes_.data(), length) &&
         DecodeBytes(bytes_.data(), length, positions_);
}

bool AllocatingBytecodes::DecodeBytes(const uint8_t* bytecodes, size_t length,
                                      const PositionTable& positions) {
  all_.clear();
  size_t entry = 0;  // the first entry after the bytecode
  for (size_t at = 0; at < length;) {
    const int size = sizes_.SizeAt(bytecodes + at, length - at);
    if (size == 0) {
      all_.clear();
      return false;
    }
    const int32_t offset = static_cast<int32_t>(at);
    while (entry < positions.entries().size() && positions.entries()[entry].code_offset <= offset) {
      ++entry;
    }
    const uint8_t* bytecode = bytecodes + at;
    int width = 1;
    if (*bytecode < BytecodeSizes::kPrefixCount) {
      width = *bytecode % 2 == 0 ? 2 : 4;
      ++bytecode;
    }
    BytecodeKind kind = kinds_.Of(*bytecode);
    // The number of a runtime function always has two bytes.
    if (kinds_.IsCallRuntime(*bytecode) &&
        static_cast<int>(ReadOperand(bytecode + 1, 2)) == kinds_.define_class()) {
      kind = BytecodeKind::kClass;
    }
    if (kind != BytecodeKind::kNothing) {
      const std::ptrdiff_t operand = ConstantOperand(kind);
      const PositionTable::Entry* told = entry == 0 ? nullptr : &positions.entries()[entry - 1];
      all_.push_back(
          {offset, kind, told == nullptr ? -1 : told->position.script_offset(),
           told != nullptr && told->code_offset == offset,
           operand < 0 ? -1
                       : static_cast<int32_t>(ReadOperand(bytecode + 1 + operand * width, width))});
    }
    at += size;
  }
  return true;
}

const AllocatingBytecode* AllocatingBytecodes::At(int32_t offset) const {
  const auto it =
      std::lower_bound(all_.begin(), all_.end(), offset,
                       [](const AllocatingBytecode& b, int32_t o) { return b.offset < o; });
  return it == all_.end() || it->offset != offset ? nullptr : &*it;
}

bool BytecodeConstant(const HeapView& heap, uintptr_t bytecode_array, int32_t index,
                      uintptr_t* constant) {
  uintptr_t constants;
  int32_t length;
  return index >= 0 && heap.Field(bytecode_array, heap.layout().bytecode_constants, &constants) &&
         HeapView::IsHeapObject(constants) && heap.SmiField(constants, kArrayLength, &length) &&
         index < length && heap.Field(constants, kArrayData + index * 8, constant);
}

}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
#include "layout/bytecode/function_positions.h"

#include "layout/heap_view.h"

namespace tracemalloc {

uintptr_t FunctionPositions::BytecodeOf(const HeapView& heap, uintptr_t shared) {
  const Layout& layout = heap.layout();
  uintptr_t data;
  if (!heap.Field(shared, layout.shared_data, &data)) return 0;
  if (heap.HasType(data, layout.type_code) &&
      !heap.Field(data, layout.code_deopt_data, &data)) {  // Sparkplug stands in for it
    return 0;
  }
  return heap.HasType(data, layout.type_bytecode_array) ? data : 0;
}

bool FunctionPositions::Decode(const HeapView& heap, uintptr_t bytecode_array) {
  uintptr_t table;
  return bytecode_array != 0 &&
         heap.Field(bytecode_array, heap.layout().bytecode_positions, &table) &&
         table_.Decode(heap, table) && !table_.entries().empty();
}

bool FunctionPositions::At(const HeapView& heap, uintptr_t bytecode_array, int32_t offset,
                           int32_t* position) {
  if (!Decode(heap, bytecode_array)) return false;
  const PositionTable::Entry* entry = table_.Find(offset);
  if (entry == nullptr) entry = &table_.entries().front();
  *position = entry->position.script_offset();
  return *position >= 0;
}

bool FunctionPositions::ExactlyAt(const HeapView& heap, uintptr_t bytecode_array, int32_t offset,
                                  int32_t* position) {
  if (!Decode(heap, bytecode_array)) return false;
  const PositionTable::Entry* entry = table_.Find(offset);
  if (entry == nullptr || entry->code_offset != offset) return false;
  *position = entry->position.script_offset();
  return *position >= 0;
}

bool FunctionPositions::IsLoopEnd(const HeapView& heap, uintptr_t bytecode_array,
                                  int32_t position) {
  int32_t length;
  if (!Decode(heap, bytecode_array) || !heap.SmiField(bytecode_array, kArrayLength, &length) ||
      length <= 0 || length > kMaxArrayLength) {
    return false;
  }
  bytecodes_.resize(length);
  if (!heap.Copy(bytecode_array - 1 + heap.layout().bytecode_data, bytecodes_.data(), length)) {
    return false;
  }
  for (const PositionTable::Entry& entry : table_.entries()) {
    if (entry.position.script_offset() != position || entry.code_offset < 0 ||
        entry.code_offset >= length) {
      continue;
    }
    int32_t at = entry.code_offset;
    if (bytecodes_[at] < BytecodeSizes::kPrefixCount && at + 1 < length) ++at;
    if (bytecodes_[at] == heap.layout().bytecode_jump_loop) return true;
  }
  return false;
}

}  // namespace tracemalloc

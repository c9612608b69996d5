// SPDX-License-Identifier: MIT
#include "layout/bytecode/literal_bytecodes.h"

#include "core/frame.h"
#include "layout/heap_view.h"

namespace tracemalloc {

bool LiteralBytecodes::LacksPosition(const AllocatingBytecode& place) {
  switch (place.kind) {
    case BytecodeKind::kObjectLiteral:
    case BytecodeKind::kEmptyObject:
    case BytecodeKind::kObjectClone:
    case BytecodeKind::kArrayLiteral:
    case BytecodeKind::kEmptyArray:
    case BytecodeKind::kIterableArray:
    case BytecodeKind::kRestParameter:
    case BytecodeKind::kRegExp:
    case BytecodeKind::kTemplateObject:
    case BytecodeKind::kClosure:
    case BytecodeKind::kBlockContext:
    case BytecodeKind::kOtherContext:
    case BytecodeKind::kClass:
      return true;  // its own entry is that of the statement, or left over from before it
    case BytecodeKind::kString:
    case BytecodeKind::kAdd:
      return !place.has_own_entry;
    default:
      return false;
  }
}

int32_t LiteralBytecodes::At(const HeapView& heap, uintptr_t bytecode_array, int32_t offset) {
  if (!places_.Decode(heap, bytecode_array)) return -1;
  const AllocatingBytecode* place = places_.At(offset);
  return place != nullptr && LacksPosition(*place) ? offset : -1;
}

int32_t LiteralBytecodes::AtPosition(const HeapView& heap, uintptr_t bytecode_array,
                                     int32_t position) {
  if (!places_.Decode(heap, bytecode_array)) return -1;
  const AllocatingBytecode* only = nullptr;
  int count = 0;
  bool lacks_position = false;
  for (const AllocatingBytecode& place : places_.all()) {
    if (place.position != position) continue;
    ++count;
    only = &place;
    lacks_position = lacks_position || LacksPosition(place);
  }
  if (!lacks_position) return -1;
  return count == 1 ? only->offset : kSeveralBytecodes;
}

}  // namespace tracemalloc

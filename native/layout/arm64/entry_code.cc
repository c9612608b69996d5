// SPDX-License-Identifier: MIT
#include "layout/machine/entry_code.h"

#include <cstring>

#include "layout/arm64/instruction.h"

namespace tracemalloc {
namespace {

// V8's root register points this far into the isolate: kRootRegisterBias,
// src/codegen/arm64/constants-arm64.h at 13.6.233.
constexpr int32_t kRootBias = 0x100;

constexpr uint32_t kRootFromArgument = 0xaa0003fa;  // mov x26, x0
constexpr uint32_t kFrameFromStack = 0x910003fd;    // mov x29, sp

// ldrb w23, [x20, x19]; lsl x1, x23, #3; ldr x2, [x21, x1]; blr x2
constexpr uint32_t kDispatchCall[] = {0x38736a97, 0xd37df2e1, 0xf8616aa2, 0xd63f0040};
// ldr x21, [x26, #8 imm12], without the number
constexpr uint32_t kLoadDispatchTable = 0xf9400355;

}  // namespace

// JSEntry (Generate_JSEntryVariant, src/builtins/arm64/builtins-arm64.cc at 13.6.233) pushes the
// callee-saved registers, then fp and lr, at which fp points from then on, and a frame marker. The
// first field of the isolate that it loads, and then clears, is the innermost exit frame; the pair
// of registers with its value that is stored on the stack gives the slot. A stub that signs its
// return address, as V8 does if built with control flow integrity, begins with something else.
bool ReadEntryCode(const uint8_t* code, size_t size, EntryCode* result) {
  const size_t count = size / kInstructionSize;
  const auto at = [code](size_t i) { return Instruction::At(code + i * kInstructionSize); };
  size_t i = 0;
  while (i < count && (at(i).IsPushingPairStore() || at(i).IsPushingDoubles()) &&
         at(i).rn() == kSp && at(i).imm7() == -2) {
    ++i;
  }
  if (i == 0 || at(i - 1).rd() != kFp) return false;
  bool has_root = false;
  while (i < count && at(i).bits() != kFrameFromStack) {
    has_root = has_root || at(i).bits() == kRootFromArgument;
    // Nothing else but clearing d15.
    if (at(i).bits() != kRootFromArgument && at(i).rd() != 15) return false;
    ++i;
  }
  if (!has_root) return false;
  int32_t depth = 0;         // of the stack below fp
  int32_t field = 0;         // that was loaded
  uint32_t value = kZero;    // the register with the exit frame; zero: none yet
  uint32_t pointer = kZero;  // a register that points to a field; zero: none
  int32_t pointed_field = 0;
  for (++i; i < count; ++i) {
    const Instruction now = at(i);
    if (now.rn() == kSp && (now.IsPushingPairStore() || now.IsPairStore())) {
      const int32_t offset = 8 * now.imm7();
      if (now.IsPushingPairStore()) depth -= offset;
      const int32_t first = now.IsPushingPairStore() ? -depth : -depth + offset;
      if (value == kZero || (now.rd() != value && now.rt2() != value)) continue;
      *result = {field, now.rd() == value ? first : first + 8};
      return field > 0 && field <= 0x100000;
    }
    if (now.IsAddImmediate() && now.rn() == kRoot && now.rd() != value) {
      pointer = now.rd();
      pointed_field = now.imm12();
      if (pointer == kSp) return false;
    } else if (now.IsLoad() && value == kZero) {
      const bool is_of_root = now.rn() == kRoot;
      if (!is_of_root && (pointer == kZero || now.rn() != pointer)) return false;
      field = kRootBias + 8 * now.imm12() + (is_of_root ? 0 : pointed_field);
      value = now.rd();
      if (value == kZero || i + 1 == count) return false;
      const Instruction next = at(i + 1);
      if (!next.IsStore() || next.rd() != kZero || next.rn() != now.rn() ||
          next.imm12() != now.imm12()) {
        return false;
      }
    } else if (now.IsStore() || now.IsConditional() || now.IsCompareImmediate()) {
      continue;
    } else if (now.rd() == value && value != kZero) {
      return false;  // another value from here on
    } else if (!now.IsLoad() && !now.IsMoveImmediate() && !now.IsSelect()) {
      return false;  // may change the stack pointer
    }
  }
  return false;
}

bool FindHandlerCalls(const uint8_t* text, size_t size, HandlerCalls* result) {
  *result = {};
  const uint8_t* const end = text + size;
  const uint8_t* at = text;
  while ((at = static_cast<const uint8_t*>(
              memmem(at, end - at, kDispatchCall, sizeof(kDispatchCall)))) != nullptr) {
    const uint8_t* pc = at + sizeof(kDispatchCall);
    const uint8_t* load = at - kInstructionSize;
    if (load >= text && Instruction::At(load).Is(~(0xfffu << 10), kLoadDispatchTable)) {
      const int32_t field = kRootBias + 8 * Instruction::At(load).imm12();
      if (result->dispatch_table_field != 0 && result->dispatch_table_field != field) return false;
      result->dispatch_table_field = field;
      if (result->returns[1] != 0) return false;
      result->returns[result->returns[0] != 0] = pc - text;
    }
    at = pc;
  }
  return result->returns[0] != 0;
}

}  // namespace tracemalloc

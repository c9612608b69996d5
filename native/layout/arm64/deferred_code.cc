// SPDX-License-Identifier: MIT
#include "layout/machine/deferred_code.h"

#include <algorithm>

#include "layout/arm64/instruction.h"

namespace tracemalloc {
namespace {

// Conditions of b.cond, of unsigned numbers.
constexpr uint32_t kHigherOrSame = 2;
constexpr uint32_t kLower = 3;

// V8 puts constants into the code, behind a load to the zero register with their number of words
// (Assembler::ConstantPoolSizeAt, src/codegen/arm64/assembler-arm64.cc at 13.6.233). Returns the
// size in bytes from there on; 0: `instruction` is something else.
int32_t ConstantPoolSize(Instruction instruction) {
  if (!instruction.Is(0xff00001f, 0x58000000 | kZero) || instruction.imm19() < 0) return 0;
  return (1 + instruction.imm19()) * kInstructionSize;
}

// Calls `visit` with the offset of each instruction in [begin, end), without constants, until it
// returns false. `begin` must be at an instruction.
template <typename Visit>
void ForEachInstruction(const uint8_t* code, int32_t begin, int32_t end, Visit visit) {
  for (int32_t i = begin; i + kInstructionSize <= end;) {
    const Instruction instruction = Instruction::At(code + i);
    const int32_t pool = ConstantPoolSize(instruction);
    if (pool == 0 && !visit(i, instruction)) return;
    i += pool == 0 ? kInstructionSize : pool;
  }
}

// A jump's target is near: where the real target is too far away, the jump leads to another jump (a
// veneer).
int32_t TargetOf(const uint8_t* code, int32_t size, int32_t target) {
  if (target < 0 || target + kInstructionSize > size) return target;
  const int32_t further = Instruction::At(code + target).Branch();
  return further > 0 ? target + further : target;
}

// Whether what the register holds there, before the instruction at `offset`, was loaded from the
// first bytes of the isolate: those are V8's limits of allocation areas and of the stack; roots and
// builtins follow.
bool IsLimit(const uint8_t* code, int32_t offset, uint32_t reg) {
  constexpr int32_t kMostBetween = 40;  // that save registers
  const int32_t first = std::max(offset - kMostBetween * kInstructionSize, 0);
  for (int32_t i = offset - kInstructionSize; i >= first; i -= kInstructionSize) {
    const Instruction instruction = Instruction::At(code + i);
    if (instruction.Writes(reg)) {
      return instruction.IsUnscaledLoad() && instruction.rn() == kRoot && instruction.imm9() < 0;
    }
  }
  return false;
}

}  // namespace

ForwardJump FindJumpBefore(const uint8_t* code, size_t size, int32_t offset) {
  ForwardJump best;
  const int32_t length = static_cast<int32_t>(size);
  ForEachInstruction(code, 0, std::min(length, offset), [&](int32_t i, Instruction instruction) {
    const int32_t distance = instruction.ConditionalBranch();
    if (distance <= 0) return true;
    const int32_t target = TargetOf(code, length, i + distance);
    if (target < offset && target > best.target) best = {i, target};
    return true;
  });
  return best;
}

// ldur x3, [x26, #limit]; ...; cmp x4, x3; then b.hs, or b.lo where there is room.
bool ChecksRoom(const uint8_t* code, int32_t jump) {
  const int32_t compare = jump - kInstructionSize;
  if (compare < 0) return false;
  const Instruction conditional = Instruction::At(code + jump);
  const Instruction compared = Instruction::At(code + compare);
  const uint32_t condition = conditional.condition();
  return conditional.IsConditional() && (condition == kHigherOrSame || condition == kLower) &&
         compared.IsCompare() &&
         (IsLimit(code, compare, compared.rn()) || IsLimit(code, compare, compared.rm()));
}

int32_t FindRoomCheck(const uint8_t* code, size_t size, int32_t offset) {
  constexpr int32_t kFarthest = 512;
  const int32_t last = std::min(static_cast<int32_t>(size), offset + kFarthest);
  int32_t found = last;
  ForEachInstruction(code, offset, last, [&](int32_t i, Instruction) {
    if (!ChecksRoom(code, i)) return true;
    found = i;
    return false;
  });
  return found;
}

JumpOverCall FindJumpOver(const uint8_t* code, size_t size, int32_t offset) {
  // The call's arguments are between the jump and the call, the moves of its result between the
  // call and the target.
  constexpr int32_t kNear = 64;
  const int32_t length = static_cast<int32_t>(size);
  JumpOverCall found;
  ForEachInstruction(code, std::max(offset - kNear, 0), std::min(length, offset),
                     [&](int32_t i, Instruction instruction) {
                       if (instruction.condition() != kLower || !ChecksRoom(code, i)) return true;
                       const int32_t distance = instruction.ConditionalBranch();
                       const int32_t target = i + distance;
                       if (distance <= 0 || distance > 2 * kNear ||
                           target < offset + kInstructionSize || target > length) {
                         return true;
                       }
                       const int32_t last = target - kInstructionSize;
                       const int32_t to_join = Instruction::At(code + last).Branch();
                       const bool joins = to_join > 0 && to_join <= kNear;
                       found = {i, joins ? last + to_join : -1};
                       return true;
                     });
  return found;
}

int32_t FindFieldStore(const uint8_t* code, size_t size, int32_t offset) {
  constexpr int32_t kNear = 96;
  int32_t found = -1;
  // stur xt, [xn, #8 k - 1], not where xn is V8's frame, its own data or the stack.
  ForEachInstruction(code, offset, std::min(offset + kNear, static_cast<int32_t>(size)),
                     [&](int32_t i, Instruction instruction) {
                       const uint32_t base = instruction.rn();
                       if (!instruction.IsUnscaledStore() || base == kRoot || base == kFp ||
                           base == kSp || (instruction.imm9() & 7) != 7) {
                         return true;
                       }
                       found = i;
                       return false;
                     });
  return found;
}

bool JumpsBack(const uint8_t* code, size_t size, int32_t begin, int32_t end, int32_t first_target,
               int32_t last_target) {
  bool found = false;
  const int32_t first = (std::max(begin, 0) + kInstructionSize - 1) & -kInstructionSize;
  ForEachInstruction(code, first, std::min(end, static_cast<int32_t>(size)),
                     [&](int32_t i, Instruction instruction) {
                       const int32_t distance = instruction.Branch();
                       const int32_t target = i + distance;
                       found = distance < 0 && target >= first_target && target <= last_target;
                       return !found;
                     });
  return found;
}

}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
// Fields of an A64 instruction, by the "Arm Architecture Reference Manual for A-profile", C4.1.
#ifndef TRACEMALLOC_LAYOUT_ARM64_INSTRUCTION_H_
#define TRACEMALLOC_LAYOUT_ARM64_INSTRUCTION_H_

#include <cstdint>
#include <cstring>

namespace tracemalloc {

constexpr int32_t kInstructionSize = 4;

// Registers, as V8 uses them: src/codegen/arm64/register-arm64.h at 13.6.233.
constexpr uint32_t kRoot = 26;  // points into the isolate
constexpr uint32_t kFp = 29;
constexpr uint32_t kSp = 31;    // as a base or a sum
constexpr uint32_t kZero = 31;  // as a value

class Instruction {
 public:
  explicit Instruction(uint32_t bits) : bits_(bits) {}
  static Instruction At(const uint8_t* code) {
    uint32_t bits;
    std::memcpy(&bits, code, sizeof(bits));
    return Instruction(bits);
  }

  bool Is(uint32_t mask, uint32_t bits) const { return (bits_ & mask) == bits; }
  uint32_t bits() const { return bits_; }
  uint32_t rd() const { return bits_ & 31; }  // also rt
  uint32_t rn() const { return (bits_ >> 5) & 31; }
  uint32_t rt2() const { return (bits_ >> 10) & 31; }
  uint32_t rm() const { return (bits_ >> 16) & 31; }
  int32_t imm7() const { return Signed(15, 7); }
  int32_t imm9() const { return Signed(12, 9); }
  int32_t imm12() const { return static_cast<int32_t>((bits_ >> 10) & 0xfff); }
  int32_t imm19() const { return Signed(5, 19); }

  bool IsBranch() const { return Is(0xfc000000, 0x14000000); }         // b
  bool IsConditional() const { return Is(0xff000010, 0x54000000); }    // b.cond
  bool IsCompareBranch() const { return Is(0x7e000000, 0x34000000); }  // cbz, cbnz
  bool IsTestBranch() const { return Is(0x7e000000, 0x36000000); }     // tbz, tbnz
  bool IsLoad() const { return Is(0xffc00000, 0xf9400000); }           // ldr xt, [xn, #8 imm12]
  bool IsStore() const { return Is(0xffc00000, 0xf9000000); }          // str xt, [xn, #8 imm12]
  bool IsUnscaledLoad() const { return Is(0xffe00c00, 0xf8400000); }   // ldur xt, [xn, #imm9]
  bool IsUnscaledStore() const { return Is(0xffe00c00, 0xf8000000); }  // stur xt, [xn, #imm9]
  bool IsPairStore() const { return Is(0xffc00000, 0xa9000000); }      // stp xt, xt2, [xn, #8 imm7]
  bool IsPushingPairStore() const {
    return Is(0xffc00000, 0xa9800000);
  }  // the same, and xn += 8 imm7
  bool IsPushingDoubles() const { return Is(0xffc00000, 0x6d800000); }    // the same of d registers
  bool IsAddImmediate() const { return Is(0xffc00000, 0x91000000); }      // add xd, xn, #imm12
  bool IsCompareImmediate() const { return Is(0xffc0001f, 0xf100001f); }  // cmp xn, #imm12
  bool IsMoveImmediate() const { return Is(0xff800000, 0xd2800000); }     // movz xd, #imm16
  bool IsSelect() const { return Is(0xffe00c00, 0x9a800000); }            // csel xd, xn, xm, cond
  bool IsCompare() const { return Is(0xffe0fc1f, 0xeb00001f); }           // cmp xn, xm

  uint32_t condition() const { return bits_ & 15; }  // of b.cond

  // Whether it may write to that general register. Of what V8 emits before a comparison.
  bool Writes(uint32_t reg) const {
    const bool is_branch = Is(0x1c000000, 0x14000000);
    const bool is_memory = Is(0x0a000000, 0x08000000);
    const bool is_vector = is_memory && Is(0x04000000, 0x04000000);
    const bool is_pair = is_memory && Is(0x38000000, 0x28000000);
    const bool is_constant = Is(0x3b000000, 0x18000000);  // ldr xt, pc + ...
    const bool is_load = is_pair ? Is(0x00400000, 0x00400000) : !Is(0x00c00000, 0) || is_constant;
    if (is_branch || is_vector || (is_memory && !is_load)) return false;
    return rd() == reg || (is_pair && rt2() == reg);
  }

  // How far a jump to a fixed place leads, in bytes; 0: this is none, or leads to itself.
  int32_t Branch() const { return IsBranch() ? Signed(0, 26) * kInstructionSize : 0; }
  int32_t ConditionalBranch() const {
    if (IsConditional() || IsCompareBranch()) return imm19() * kInstructionSize;
    return IsTestBranch() ? Signed(5, 14) * kInstructionSize : 0;
  }

 private:
  int32_t Signed(int shift, int bits) const {
    return static_cast<int32_t>(bits_ << (32 - shift - bits)) >> (32 - bits);
  }

  uint32_t bits_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_ARM64_INSTRUCTION_H_

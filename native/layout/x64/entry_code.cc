// SPDX-License-Identifier: MIT
#include "layout/machine/entry_code.h"

#include <cstring>

namespace tracemalloc {
namespace {

// V8's root register r13 points this far into the isolate: kRootRegisterBias,
// src/codegen/x64/constants-x64.h at 13.6.233.
constexpr int32_t kRootBias = 0x80;

int32_t ReadInt32(const uint8_t* bytes) {
  int32_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

// mov rcx, [r15 + r10*8]; call rcx
constexpr uint8_t kDispatchCall[] = {0x4b, 0x8b, 0x0c, 0xd7, 0xff, 0xd1};
// mov r15, [r13 + disp32]
constexpr uint8_t kLoadDispatchTable[] = {0x4d, 0x8b, 0xbd};

}  // namespace

// JSEntry begins by pushing the callee-saved registers, then [c_entry_fp]: the first push of a
// memory operand gives the field, the number of pushes before it the slot.
bool ReadEntryCode(const uint8_t* code, size_t size, EntryCode* result) {
  if (size < 4 || code[0] != 0x55 || std::memcmp(code + 1, "\x48\x89\xe5", 3) != 0) return false;
  int slot = 0;
  for (size_t i = 4; i + 14 <= size;) {
    if (code[i] == 0x6a) {  // push imm8
      slot -= 8;
      i += 2;
    } else if (code[i] == 0x48 && code[i + 1] == 0x83 && code[i + 2] == 0xec) {  // sub rsp, imm8
      slot -= code[i + 3];
      i += 4;
    } else if (code[i] == 0x41 && (code[i + 1] & 0xf8) == 0x50) {  // push r8..r15
      slot -= 8;
      i += 2;
    } else if ((code[i] & 0xf8) == 0x50) {  // push rax..rdi
      slot -= 8;
      i += 1;
    } else if (std::memcmp(code + i, "\x4c\x8b\xef", 3) == 0 ||  // mov r13, rdi
               std::memcmp(code + i, "\x49\x89\xfd", 3) == 0) {
      i += 3;
    } else if (std::memcmp(code + i, "\x41\xff\xb5", 3) == 0) {  // push [r13 + disp32]
      const int32_t field = ReadInt32(code + i + 3);
      // V8 then clears the field: mov qword [r13 + disp32], 0. Both must refer to the same field.
      const bool is_sound = std::memcmp(code + i + 7, "\x49\xc7\x85", 3) == 0 &&
                            ReadInt32(code + i + 10) == field && field > 0 && field <= 0x100000;
      *result = {kRootBias + field, slot - 8};
      return is_sound;
    } else {
      return false;
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
    // mov r15, [r13 + disp32]; movzx r10d, byte [r12 + r9]: the twelve bytes before the call.
    const uint8_t* load = at - 12;
    if (load > text && std::memcmp(load, kLoadDispatchTable, 3) == 0) {
      const int32_t field = kRootBias + ReadInt32(load + 3);
      if (result->dispatch_table_field != 0 && result->dispatch_table_field != field) return false;
      result->dispatch_table_field = field;
      if (result->returns[1] != 0) return false;
      result->returns[result->returns[0] != 0] = pc - text;
    }
    at = pc;
  }
  return result->returns[0] != 0 && result->dispatch_table_field > kRootBias;
}

}  // namespace tracemalloc

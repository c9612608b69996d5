// SPDX-License-Identifier: MIT
#include "v8/code_space.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "v8/safe_read.h"

namespace tracemalloc {
namespace {

// V8's root register r13 points this far into the isolate.
constexpr int kRootBias = 0x80;
constexpr int kDispatchEntries = 3 * 256;

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

bool CodeSpace::Init(v8::Isolate* isolate, std::string* reason) {
  const void* start = nullptr;
  size_t size = 0;
  isolate->GetEmbeddedCodeRange(&start, &size);
  embedded_start_ = reinterpret_cast<uintptr_t>(start);
  embedded_size_ = size;
  void* range = nullptr;
  isolate->GetCodeRange(&range, &size);
  code_range_start_ = reinterpret_cast<uintptr_t>(range);
  code_range_size_ = size;
  if (embedded_start_ == 0 || embedded_size_ == 0) {
    *reason = "V8 does not tell where its builtins are";
    return false;
  }
  FindRemappedBuiltins();
  return DecodeEntryStub(isolate, reason) && FindInterpreter(isolate, reason);
}

// JSEntry begins by pushing the callee-saved registers, then [c_entry_fp]: the first push of a
// memory operand tells the field, the number of pushes before it the slot.
bool CodeSpace::DecodeEntryStub(v8::Isolate* isolate, std::string* reason) {
  const v8::JSEntryStubs stubs = isolate->GetJSEntryStubs();
  const v8::MemoryRange& code = stubs.js_entry_stub.code;
  uint8_t bytes[64];
  *reason = "V8's entry stub is not as expected";
  if (code.length_in_bytes < sizeof(bytes) ||
      !SafeRead(reinterpret_cast<uintptr_t>(code.start), bytes, sizeof(bytes))) {
    return false;
  }
  if (bytes[0] != 0x55 || std::memcmp(bytes + 1, "\x48\x89\xe5", 3) != 0) return false;
  int slot = 0;
  for (size_t i = 4; i + 11 < sizeof(bytes);) {
    if (bytes[i] == 0x6a) {  // push imm8
      slot -= 8;
      i += 2;
    } else if (bytes[i] == 0x48 && bytes[i + 1] == 0x83 && bytes[i + 2] == 0xec) {  // sub rsp, imm8
      slot -= bytes[i + 3];
      i += 4;
    } else if (bytes[i] == 0x41 && (bytes[i + 1] & 0xf8) == 0x50) {  // push r8..r15
      slot -= 8;
      i += 2;
    } else if ((bytes[i] & 0xf8) == 0x50) {  // push rax..rdi
      slot -= 8;
      i += 1;
    } else if (std::memcmp(bytes + i, "\x4c\x8b\xef", 3) == 0) {  // mov r13, rdi
      i += 3;
    } else if (std::memcmp(bytes + i, "\x49\x89\xfd", 3) == 0) {
      i += 3;
    } else if (std::memcmp(bytes + i, "\x41\xff\xb5", 3) == 0) {  // push [r13 + disp32]
      const int32_t displacement = ReadInt32(bytes + i + 3);
      // V8 then clears the field: mov qword [r13 + disp32], 0. Both must name the same one.
      if (std::memcmp(bytes + i + 7, "\x49\xc7\x85", 3) != 0 || i + 14 > sizeof(bytes) ||
          ReadInt32(bytes + i + 10) != displacement || displacement <= 0 ||
          displacement > 0x100000) {
        return false;
      }
      entry_saved_exit_ = slot - 8;
      top_exit_frame_ = reinterpret_cast<const uintptr_t*>(reinterpret_cast<uintptr_t>(isolate) +
                                                           kRootBias + displacement);
      return true;
    } else {
      return false;
    }
  }
  return false;
}

bool CodeSpace::FindInterpreter(v8::Isolate* isolate, std::string* reason) {
  // The copy: its pages are in memory, those of the original need not be.
  const uint8_t* text = reinterpret_cast<const uint8_t*>(remapped_start_);
  const uint8_t* end = text + embedded_size_;
  *reason = "V8's interpreter entry is not as expected";
  const uint8_t* at = text;
  int32_t displacement = 0;
  while ((at = static_cast<const uint8_t*>(
              memmem(at, end - at, kDispatchCall, sizeof(kDispatchCall)))) != nullptr) {
    const uint8_t* pc = at + sizeof(kDispatchCall);
    // mov r15, [r13 + disp32]; movzx r10d, byte [r12 + r9]: the twelve bytes before the call.
    const uint8_t* load = at - 12;
    if (load > text && std::memcmp(load, kLoadDispatchTable, 3) == 0) {
      if (displacement != 0 && displacement != ReadInt32(load + 3)) return false;
      displacement = ReadInt32(load + 3);
      // Two: V8 keeps a twin of its trampoline for external profilers.
      if (interpreter_returns_[1] != 0) return false;
      interpreter_returns_[interpreter_returns_[0] != 0] = embedded_start_ + (pc - text);
    }
    at = pc;
  }
  uintptr_t table = 0;
  if (interpreter_returns_[0] == 0 || displacement <= 0 ||
      !SafeRead(reinterpret_cast<uintptr_t>(isolate) + kRootBias + displacement, &table)) {
    return false;
  }
  dispatch_.resize(kDispatchEntries);
  if (!SafeRead(table, dispatch_.data(), kDispatchEntries * sizeof(uintptr_t))) return false;
  for (uintptr_t& handler : dispatch_) {
    if (handler == 0) continue;
    handler = NormalizedBuiltin(handler);
    if (handler == 0) return false;
    handlers_.push_back(handler);
  }
  std::sort(handlers_.begin(), handlers_.end());
  handlers_.erase(std::unique(handlers_.begin(), handlers_.end()), handlers_.end());
  if (handlers_.size() < 100) return false;
  reason->clear();
  return true;
}

// V8 may copy or remap its builtins into the code range so that calls stay short. The API knows
// only the original, so the copy is the executable mapping that begins with the same bytes.
void CodeSpace::FindRemappedBuiltins() {
  remapped_start_ = embedded_start_;
  if (code_range_size_ == 0) return;
  FILE* maps = std::fopen("/proc/self/maps", "re");
  if (maps == nullptr) return;
  char line[512];
  while (std::fgets(line, sizeof(line), maps) != nullptr) {
    unsigned long start;
    unsigned long end;
    char permissions[5];
    if (std::sscanf(line, "%lx-%lx %4s", &start, &end, permissions) != 3) continue;
    if (permissions[2] != 'x' || start < code_range_start_ ||
        end > code_range_start_ + code_range_size_) {
      continue;
    }
    // A remapped file keeps the original's offset within its page.
    const uintptr_t candidate = start + (embedded_start_ & 0xfff);
    if (candidate + embedded_size_ <= end && HoldsBuiltins(candidate)) {
      remapped_start_ = candidate;
      break;
    }
  }
  std::fclose(maps);
}

// Some pages of it: nothing else begins, goes on and ends like that, and reading all of the
// original, which V8 itself may never use, would bring two megabytes of it into memory.
bool CodeSpace::HoldsBuiltins(uintptr_t start) const {
  constexpr uintptr_t kPieces = 4;
  uint8_t piece[4096];
  if (embedded_size_ < sizeof(piece)) return false;
  for (uintptr_t i = 0; i < kPieces; i++) {
    const uintptr_t offset = (embedded_size_ - sizeof(piece)) / (kPieces - 1) * i;
    if (!SafeRead(start + offset, piece, sizeof(piece)) ||
        std::memcmp(piece, reinterpret_cast<const void*>(embedded_start_ + offset),
                    sizeof(piece)) != 0) {
      return false;
    }
  }
  return true;
}

uintptr_t CodeSpace::HandlerAt(uintptr_t normalized_pc) const {
  const auto it = std::upper_bound(handlers_.begin(), handlers_.end(), normalized_pc);
  if (it == handlers_.begin()) return 0;
  // The last handler has no successor to end it; no handler is this long.
  constexpr uintptr_t kLongestHandler = 64 << 10;
  const uintptr_t handler = *(it - 1);
  return normalized_pc - handler < kLongestHandler ? handler : 0;
}

}  // namespace tracemalloc

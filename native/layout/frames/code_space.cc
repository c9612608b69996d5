// SPDX-License-Identifier: MIT
#include "layout/frames/code_space.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "layout/machine/entry_code.h"
#include "layout/safe_read.h"

namespace tracemalloc {
namespace {

constexpr int kDispatchEntries = 3 * 256;

}  // namespace

bool CodeSpace::Init(const V8Facts& v8, std::string* reason) {
  embedded_start_ = v8.builtins.begin;
  embedded_size_ = v8.builtins.size;
  if (embedded_start_ == 0 || embedded_size_ == 0) {
    *reason = "V8 does not tell where its builtins are";
    return false;
  }
  FindRemappedBuiltins(v8.code_range);
  return DecodeEntryStub(v8, reason) && FindInterpreter(v8, reason);
}

bool CodeSpace::DecodeEntryStub(const V8Facts& v8, std::string* reason) {
  uint8_t bytes[kEntryCodeSize];
  EntryCode entry;
  *reason = "V8's entry stub is not as expected";
  if (v8.entry_stub.size < sizeof(bytes) || !SafeRead(v8.entry_stub.begin, bytes, sizeof(bytes)) ||
      !ReadEntryCode(bytes, sizeof(bytes), &entry)) {
    return false;
  }
  entry_saved_exit_ = entry.saved_exit_slot;
  top_exit_frame_ = reinterpret_cast<const uintptr_t*>(v8.isolate + entry.exit_frame_field);
  return true;
}

bool CodeSpace::FindInterpreter(const V8Facts& v8, std::string* reason) {
  HandlerCalls calls;
  uintptr_t table = 0;
  *reason = "V8's interpreter entry is not as expected";
  // Reads the copy: its pages are resident, those of the original need not be.
  if (!FindHandlerCalls(reinterpret_cast<const uint8_t*>(remapped_start_), embedded_size_,
                        &calls) ||
      !SafeRead(v8.isolate + calls.dispatch_table_field, &table)) {
    return false;
  }
  for (int i = 0; i < 2; i++) {
    if (calls.returns[i] != 0) interpreter_returns_[i] = embedded_start_ + calls.returns[i];
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
void CodeSpace::FindRemappedBuiltins(const MemoryRange& code_range) {
  remapped_start_ = embedded_start_;
  if (code_range.size == 0) return;
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  FILE* maps = std::fopen("/proc/self/maps", "re");
  if (maps == nullptr) return;
  char line[512];
  while (std::fgets(line, sizeof(line), maps) != nullptr) {
    unsigned long start;
    unsigned long end;
    char permissions[5];
    if (std::sscanf(line, "%lx-%lx %4s", &start, &end, permissions) != 3) continue;
    if (permissions[2] != 'x' || start < code_range.begin ||
        end > code_range.begin + code_range.size) {
      continue;
    }
    // A remapped file keeps the original's offset within its page.
    const uintptr_t candidate = start + embedded_start_ % page;
    if (candidate + embedded_size_ <= end && HoldsBuiltins(candidate)) {
      remapped_start_ = candidate;
      break;
    }
  }
  std::fclose(maps);
}

// Compares a few pages, at the beginning, in the middle and at the end: no other mapping matches
// these, and reading all of the original, which V8 itself may never use, would make two megabytes
// of it resident.
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
  // The last handler has no successor that marks its end; no handler is this long.
  constexpr uintptr_t kLongestHandler = 64 << 10;
  const uintptr_t handler = *(it - 1);
  return normalized_pc - handler < kLongestHandler ? handler : 0;
}

}  // namespace tracemalloc

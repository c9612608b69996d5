// SPDX-License-Identifier: MIT
#include "v8/heap/observer_swap.h"

#include <link.h>
#include <malloc.h>
#include <v8-profiler.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "layout/safe_read.h"

namespace tracemalloc {

namespace {

// V8 rounds the first distances it draws up to 8 bytes, so at this interval each space reports its
// very first block.
constexpr uint64_t kV8Interval = 1;

constexpr size_t kVtableEntries = 4;  // two destructors, Step, GetNextStepSize

std::vector<uintptr_t> ReadWords(uintptr_t address) {
  // Limited, in case the allocator returns nonsense; V8's objects take 150 to 300 bytes.
  const size_t size = std::min<size_t>(malloc_usable_size(reinterpret_cast<void*>(address)), 4096);
  std::vector<uintptr_t> words(size / sizeof(uintptr_t));
  if (!SafeRead(address, words.data(), words.size() * sizeof(uintptr_t))) words.clear();
  return words;
}

struct VtableCheck {
  uintptr_t vptr;
  uintptr_t entries[kVtableEntries];
  bool passed;
};

// The table and its functions must belong to one module, and the functions be in executable memory.
int CheckModule(dl_phdr_info* module, size_t, void* data) {
  auto* check = static_cast<VtableCheck*>(data);
  bool has_table = false;
  size_t functions = 0;
  for (int i = 0; i < module->dlpi_phnum; i++) {
    const ElfW(Phdr)& segment = module->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    const uintptr_t start = module->dlpi_addr + segment.p_vaddr;
    const auto inside = [&](uintptr_t address) { return address - start < segment.p_memsz; };
    if (inside(check->vptr)) has_table = true;
    if ((segment.p_flags & PF_X) == 0) continue;
    for (uintptr_t entry : check->entries) functions += inside(entry);
  }
  if (!has_table) return 0;
  check->passed = functions == kVtableEntries;
  return 1;
}

bool IsVtable(uintptr_t vptr) {
  constexpr size_t kPrefix = 2;  // offset to top, type info
  if (vptr % sizeof(uintptr_t) != 0 || vptr == 0) return false;
  uintptr_t words[kPrefix + kVtableEntries];
  if (!SafeRead(vptr - kPrefix * sizeof(uintptr_t), words, sizeof(words)) || words[0] != 0) {
    return false;
  }
  VtableCheck check{vptr, {}, false};
  std::memcpy(check.entries, words + kPrefix, sizeof(check.entries));
  dl_iterate_phdr(CheckModule, &check);
  return check.passed;
}

Status Unexpected(const std::string& what) {
  return Status::Error(StatusCode::kUnsupportedPlatform,
                       "V8's sampling heap profiler does not look as expected: " + what);
}

}  // namespace

BlockListener* ObserverSwap::ListenerOf(void* observer) {
  constexpr size_t kEntries = offsetof(Table, listener) - offsetof(Table, destroy);
  BlockListener* listener;
  std::memcpy(&listener, *static_cast<char**>(observer) + kEntries, sizeof(BlockListener*));
  return listener;
}

void ObserverSwap::Step(void* observer, int bytes_since_last, uintptr_t address, size_t size) {
  ListenerOf(observer)->OnBlock(bytes_since_last, address, size);
}

int64_t ObserverSwap::GetNextStepSize(void* observer) {
  return ListenerOf(observer)->NextDistance();
}

Status ObserverSwap::Install(v8::Isolate* isolate, BlockListener* listener) {
  isolate_ = isolate;
  v8::HeapProfiler* const owner = isolate->GetHeapProfiler();
  const uintptr_t base = reinterpret_cast<uintptr_t>(owner);
  const std::vector<uintptr_t> before = ReadWords(base);
  if (!owner->StartSamplingHeapProfiler(kV8Interval, 1)) {
    return Status::Error(StatusCode::kSamplerInUse,
                         "another heap sampler (DevTools, --heap-prof, an APM agent) is active in "
                         "this isolate; V8 has room for one: stop it, then start again");
  }
  try {
    const Status status = TakeOver(base, before, listener);
    if (!status.ok()) owner->StopSamplingHeapProfiler();
    return status;
  } catch (const std::bad_alloc&) {
    owner->StopSamplingHeapProfiler();
    throw;
  }
}

Status ObserverSwap::TakeOver(uintptr_t base, const std::vector<uintptr_t>& before,
                              BlockListener* listener) {
  const std::vector<uintptr_t> after = ReadWords(base);
  size_t slot = 0, slots = 0;
  for (size_t i = 0; i < before.size() && i < after.size(); i++) {
    uintptr_t first_word;
    if (before[i] != 0 || after[i] == 0 || after[i] % sizeof(uintptr_t) != 0 ||
        !SafeRead(after[i], &first_word) || first_word != reinterpret_cast<uintptr_t>(isolate_)) {
      continue;
    }
    slot = i;
    slots++;
  }
  if (slots != 1) return Unexpected(std::to_string(slots) + " slots hold it");

  const uintptr_t profiler = after[slot];
  const std::vector<uintptr_t> words = ReadWords(profiler);
  size_t found = 0, matches = 0;
  for (size_t i = 0; i + 6 <= words.size(); i++) {
    // vtable, step size, profiler, heap, random number generator, rate
    if (words[i + 1] != kV8Interval || words[i + 2] != profiler || words[i + 5] != kV8Interval ||
        !IsVtable(words[i])) {
      continue;
    }
    found = i;
    matches++;
  }
  if (matches != 1) return Unexpected(std::to_string(matches) + " observers in it");

  slot_ = reinterpret_cast<uintptr_t*>(base) + slot;
  profiler_ = profiler;
  observer_ = reinterpret_cast<uintptr_t*>(profiler) + found;
  original_vptr_ = *observer_;
  const auto* original = reinterpret_cast<const uintptr_t*>(original_vptr_);
  table_ = Table{0,
                 0,
                 original[0],
                 original[1],
                 reinterpret_cast<uintptr_t>(&Step),
                 reinterpret_cast<uintptr_t>(&GetNextStepSize),
                 listener};
  *observer_ = reinterpret_cast<uintptr_t>(&table_.destroy);
  return Status::Ok();
}

bool ObserverSwap::IsInstalled() const {
  return observer_ != nullptr && *slot_ == profiler_ &&
         *observer_ == reinterpret_cast<uintptr_t>(&table_.destroy);
}

void ObserverSwap::Uninstall() {
  if (IsInstalled()) {
    *observer_ = original_vptr_;
    isolate_->GetHeapProfiler()->StopSamplingHeapProfiler();
  }
  observer_ = nullptr;
}

}  // namespace tracemalloc

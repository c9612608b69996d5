// SPDX-License-Identifier: MIT
// V8 computes its hash over the flags when it is asked for and forgets it when a flag changes
// (seen in 11.3 to 14.6): it is the word of V8's data that was something, is 0 once
// flags were set, and something else after the next question. The answer to that question is
// public, the version tag of code caches, and tells whether the right word was written to.
#include "v8/flags.h"

#include <link.h>
#include <sys/mman.h>
#include <v8.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "v8/safe_read.h"

namespace tracemalloc {
namespace {

// Other threads use what lies beside it.
uint32_t Load(const uint32_t* word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
void Store(uint32_t* word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_RELAXED); }

struct Words {
  uint32_t* begin = nullptr;
  size_t count = 0;
};

struct Forgotten {
  uint32_t* word;
  uint32_t value;
};

// Of the module that `address` is in. Nothing here may throw: the loader's lock is held meanwhile.
struct Module {
  static constexpr size_t kMostSegments = 8;
  uintptr_t address;
  Words writable[kMostSegments] = {};
  size_t count = 0;
};

int FindWritable(dl_phdr_info* info, size_t, void* data) {
  auto* module = static_cast<Module*>(data);
  bool is_it = false;
  module->count = 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    const uintptr_t start = info->dlpi_addr + segment.p_vaddr;
    const uintptr_t end = start + segment.p_memsz;
    if (module->address >= start && module->address < end) is_it = true;
    if ((segment.p_flags & PF_W) == 0 || module->count == Module::kMostSegments) continue;
    const uintptr_t aligned = (start + 3) & ~uintptr_t{3};
    module->writable[module->count++] = {reinterpret_cast<uint32_t*>(aligned), (end - aligned) / 4};
  }
  return is_it ? 1 : 0;
}

// A copy of some hundred kilobytes. Not malloc's: freeing that much makes it keep more from then
// on.
class Copy {
 public:
  explicit Copy(const Words& words) : words_(words) {
    void* memory = mmap(nullptr, words.count * sizeof(uint32_t), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    copy_ = static_cast<uint32_t*>(memory);
    // Ends before what somebody protects; the rest stays 0.
    SafeRead(reinterpret_cast<uintptr_t>(words.begin), memory, words.count * sizeof(uint32_t));
  }
  Copy(Copy&& other) noexcept : words_(other.words_), copy_(other.copy_) { other.copy_ = nullptr; }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  ~Copy() {
    if (copy_ != nullptr) munmap(copy_, words_.count * sizeof(uint32_t));
  }

  // Those that were not 0 and are now.
  void AddForgotten(std::vector<Forgotten>* forgotten) const {
    if (copy_ == nullptr) return;
    for (size_t i = 0; i < words_.count; i++) {
      uint32_t* const word = &words_.begin[i];
      if (copy_[i] != 0 && Load(word) == 0) forgotten->push_back({word, copy_[i]});
    }
  }

 private:
  Words words_;
  uint32_t* copy_ = nullptr;
};

uint32_t Tag() { return v8::ScriptCompiler::CachedDataVersionTag(); }

void Set(const char* flags) { v8::V8::SetFlagsFromString(flags, std::strlen(flags)); }

// Sets the flags and puts back the hash, if only one word can be it.
void SetAndRemember(const char* flags) {
  const uint32_t tag = Tag();
  Module module = {reinterpret_cast<uintptr_t>(&v8::V8::GetVersion)};
  if (dl_iterate_phdr(FindWritable, &module) == 0) module.count = 0;
  std::vector<Copy> before;
  for (size_t i = 0; i < module.count; i++) before.emplace_back(module.writable[i]);
  Set(flags);
  std::vector<Forgotten> forgotten;
  for (const Copy& copy : before) copy.AddForgotten(&forgotten);
  if (Tag() == tag) return;
  const auto is_unchanged = [](const Forgotten& candidate) {
    const uint32_t now = Load(candidate.word);
    return now == 0 || now == candidate.value;
  };
  forgotten.erase(std::remove_if(forgotten.begin(), forgotten.end(), is_unchanged),
                  forgotten.end());
  if (forgotten.size() != 1) return;
  const auto [word, value] = forgotten.front();
  const uint32_t now = Load(word);
  Store(word, value);
  if (Tag() != tag) Store(word, now);
}

}  // namespace

void SetFlagsBesideCaches(const char* flags) {
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  try {
    SetAndRemember(flags);
  } catch (const std::bad_alloc&) {
    Set(flags);
  }
}

}  // namespace tracemalloc

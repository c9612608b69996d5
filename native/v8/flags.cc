// SPDX-License-Identifier: MIT
// V8 computes its hash over the flags on demand and resets it when a flag changes (seen in 11.3 to
// 14.6). So it is the word of V8's data that was not 0, is 0 once flags were set, has another value
// after the hash is requested again, is 0 once the flags were put back, and then has its first
// value again. To request the hash is possible through V8's public API, by the version tag of code
// caches. No other word changes like this by chance; if another thread requests the hash in
// between, it is not found.
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
#include <vector>

#include "layout/safe_read.h"

namespace tracemalloc {
namespace {

// Atomic, since other threads use the neighbouring words.
uint32_t Load(const uint32_t* word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
void Store(uint32_t* word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_RELAXED); }

constexpr char kTestFunctions[] = "--allow-natives-syntax";
constexpr char kNoTestFunctions[] = "--no-allow-natives-syntax";

struct Words {
  uint32_t* begin = nullptr;
  size_t count = 0;
};

struct Forgotten {
  uint32_t* word;
  uint32_t value;
};

// The module that contains `address`. Must not throw, since the loader's lock is held.
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

// A copy of some hundred kilobytes. Not from malloc, which after freeing so much would keep more
// memory from then on.
class Copy {
 public:
  explicit Copy(const Words& words) : words_(words) {
    void* memory = mmap(nullptr, words.count * sizeof(uint32_t), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    copy_ = static_cast<uint32_t*>(memory);
    // Reading ends at protected memory; the rest stays 0.
    SafeRead(reinterpret_cast<uintptr_t>(words.begin), memory, words.count * sizeof(uint32_t));
  }
  Copy(Copy&& other) noexcept : words_(other.words_), copy_(other.copy_) { other.copy_ = nullptr; }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  ~Copy() {
    if (copy_ != nullptr) munmap(copy_, words_.count * sizeof(uint32_t));
  }

  // Adds the addresses of words that were not 0 and are 0 now.
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

template <typename Condition>
void Keep(std::vector<Forgotten>* candidates, Condition condition) {
  const auto fails = [&](const Forgotten& candidate) {
    return !condition(Load(candidate.word), candidate.value);
  };
  candidates->erase(std::remove_if(candidates->begin(), candidates->end(), fails),
                    candidates->end());
}

// Null: not found. Sets the flags, and puts them back; they must not have been set before.
uint32_t* FindHash(const char* set, const char* put_back) {
  const uint32_t tag = Tag();
  Module module = {reinterpret_cast<uintptr_t>(&v8::V8::GetVersion)};
  if (dl_iterate_phdr(FindWritable, &module) == 0) module.count = 0;
  std::vector<Copy> before;
  before.reserve(module.count);
  for (size_t i = 0; i < module.count; i++) before.emplace_back(module.writable[i]);
  Set(set);
  std::vector<Forgotten> candidates;
  for (const Copy& copy : before) copy.AddForgotten(&candidates);
  if (Tag() == tag) return nullptr;
  Keep(&candidates, [](uint32_t now, uint32_t value) { return now != 0 && now != value; });
  Set(put_back);
  Keep(&candidates, [](uint32_t now, uint32_t) { return now == 0; });
  if (Tag() != tag) return nullptr;
  Keep(&candidates, [](uint32_t now, uint32_t value) { return now == value; });
  return candidates.size() == 1 ? candidates.front().word : nullptr;
}

// One for the whole process. Never destroyed: threads may end while the process exits.
struct Shared {
  std::mutex mutex;
  uint32_t tracing = 0;  // how many threads trace
  uint32_t testing = 0;
  FlagTexts texts;
  bool are_tests_users = false;
  uint32_t untested_hash = 0;
  uint32_t* hash = nullptr;  // null: not found

  static Shared& Get() {
    static auto* const shared = new Shared;
    return *shared;
  }

  uint32_t Hash() const {
    if (hash == nullptr) return 0;
    Tag();
    return Load(hash);
  }
  // 0 makes V8 compute it.
  void SetHash(uint32_t value) const {
    if (hash != nullptr) Store(hash, value);
  }

  void SeekHash(const char* set, const char* put_back) {
    constexpr int kMostTries = 3;
    try {
      for (int tries = 0; hash == nullptr && tries < kMostTries; tries++) {
        hash = FindHash(set, put_back);
      }
    } catch (const std::bad_alloc&) {
      // V8 then rejects code caches.
    }
  }

  void SetTracing() {
    SeekHash(texts.tracing.c_str(), texts.usual.c_str());
    const uint32_t tag = Tag();
    const uint32_t value = Hash();
    Set(texts.tracing.c_str());
    if (value == 0) return;
    SetHash(value);
    if (Tag() != tag) SetHash(0);
  }
};

}  // namespace

TracingFlags::TracingFlags(const FlagTexts& texts) {
  Shared& shared = Shared::Get();
  const std::lock_guard<std::mutex> lock(shared.mutex);
  if (shared.tracing == 0) {
    shared.texts = texts;
    if (!texts.tracing.empty()) shared.SetTracing();
  }
  shared.tracing++;
}

TracingFlags::~TracingFlags() {
  Shared& shared = Shared::Get();
  const std::lock_guard<std::mutex> lock(shared.mutex);
  if (--shared.tracing == 0 && !shared.texts.tracing.empty()) Set(shared.texts.usual.c_str());
}

void TestFunctions::Allow(bool (*are_allowed)(void*), void* data) {
  Shared& shared = Shared::Get();
  const std::lock_guard<std::mutex> lock(shared.mutex);
  if (shared.testing == 0) {
    shared.are_tests_users = are_allowed(data);
    if (!shared.are_tests_users) {
      shared.SeekHash(kTestFunctions, kNoTestFunctions);
      shared.untested_hash = shared.Hash();
      Set(kTestFunctions);
    }
  }
  shared.testing++;
}

TestFunctions::~TestFunctions() {
  Shared& shared = Shared::Get();
  const std::lock_guard<std::mutex> lock(shared.mutex);
  if (--shared.testing > 0 || shared.are_tests_users) return;
  Set(kNoTestFunctions);
  // The hash that tracing threads need.
  shared.SetHash(shared.untested_hash);
}

}  // namespace tracemalloc

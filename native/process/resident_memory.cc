// SPDX-License-Identifier: MIT
#include "process/resident_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace tracemalloc {
namespace {

constexpr size_t kV8Page = 256 << 10;
constexpr size_t kMeasuredPages = 512;
constexpr size_t kLarge = size_t{1} << 30;

class File {
 public:
  explicit File(const char* path) : descriptor_(open(path, O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

// Calls back for each line.
template <typename Visit>
bool ReadLines(const char* path, Visit visit) {
  const File file(path);
  if (file.descriptor() < 0) return false;
  char buffer[16384];
  size_t held = 0;
  for (;;) {
    const ssize_t count = read(file.descriptor(), buffer + held, sizeof(buffer) - held);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    const std::string_view text(buffer, held + count);
    size_t begin = 0;
    for (size_t end; (end = text.find('\n', begin)) != std::string_view::npos; begin = end + 1) {
      visit(text.substr(begin, end - begin));
    }
    // A line is at most an address and a path, so there is always room for the rest of it.
    held = text.size() - begin;
    std::memmove(buffer, buffer + begin, held);
  }
  return true;
}

// Not instrumented: the bytes are this thread's own, and where a sanitizer has mapped its memory
// there are a hundred million of them.
__attribute__((no_sanitize("thread"))) uint64_t CountResident(const unsigned char* pages,
                                                              size_t count) {
  uint64_t resident = 0;
  for (size_t i = 0; i < count; i++) resident += pages[i] & 1;
  return resident;
}

// 0 for a mapping that no longer exists.
uint64_t ResidentBytes(const Mapping& mapping) {
  static const size_t page_size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  unsigned char pages[4096];
  uint64_t resident = 0;
  for (uintptr_t at = mapping.start; at < mapping.end;) {
    const size_t length = std::min<size_t>(mapping.end - at, sizeof(pages) * page_size);
    if (mincore(reinterpret_cast<void*>(at), length, pages) != 0) return resident;
    const size_t count = (length + page_size - 1) / page_size;
    resident += page_size * CountResident(pages, count);
    at += length;
  }
  return resident;
}

// By address, so that two readings choose the same pages and their difference is not an artefact.
bool IsMeasured(const Mapping& page, size_t count) {
  const uint64_t hash = (page.start / kV8Page) * 0x9E3779B97F4A7C15;
  return count <= kMeasuredPages || (hash >> 32) * count < (kMeasuredPages << 32);
}

uint64_t ResidentPages(const std::vector<Mapping>& pages) {
  uint64_t all = 0, measured = 0, resident = 0;
  for (const Mapping& page : pages) {
    all += page.size();
    if (!IsMeasured(page, pages.size())) continue;
    measured += page.size();
    resident += ResidentBytes(page);
  }
  if (measured == 0) return 0;
  const double share = static_cast<double>(resident) / static_cast<double>(measured);
  return static_cast<uint64_t>(share * static_cast<double>(all));
}

struct Large {
  Mapping mapping;
  MappingKind kind;
};

// What is larger than the machine's memory, together with all that is smaller, is a reservation: to
// look at each of its pages would take seconds.
void MeasureLarge(std::vector<Large> large, ResidentMemory* memory) {
  std::sort(large.begin(), large.end(), [](const Large& one, const Large& other) {
    return one.mapping.size() < other.mapping.size();
  });
  const auto in_pages = static_cast<size_t>(sysconf(_SC_PHYS_PAGES));
  size_t rest = in_pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  for (const auto& [mapping, kind] : large) {
    if (mapping.size() > rest) return;
    rest -= mapping.size();
    memory->of(kind) += ResidentBytes(mapping);
  }
}

}  // namespace

std::vector<Mapping> ReadMappings() {
  std::vector<Mapping> mappings;
  ReadLines("/proc/self/maps", [&](std::string_view line) {
    Mapping mapping;
    if (ParseMapping(line, &mapping)) mappings.push_back(mapping);
  });
  return mappings;
}

ResidentMemory MeasureResidentMemory(const std::vector<Mapping>& mappings) {
  std::vector<Mapping> pages;
  std::vector<Large> large;
  ResidentMemory memory = {};
  for (size_t i = 0; i < mappings.size(); i++) {
    const Mapping& mapping = mappings[i];
    const MappingKind kind = KindOf(mapping, i > 0 ? &mappings[i - 1] : nullptr,
                                    i + 1 < mappings.size() ? &mappings[i + 1] : nullptr);
    if (kind == MappingKind::kNone) continue;
    if (kind == MappingKind::kWasm) memory.wasm_mapped += mapping.size();
    if (kind == MappingKind::kArena) memory.arena_mapped += mapping.size();
    if (kind == MappingKind::kV8 && mapping.size() <= kV8Page) {
      pages.push_back(mapping);
    } else if (mapping.size() > kLarge) {
      large.push_back({mapping, kind});
    } else {
      memory.of(kind) += ResidentBytes(mapping);
    }
  }
  memory.of(MappingKind::kV8) += ResidentPages(pages);
  MeasureLarge(std::move(large), &memory);
  return memory;
}

}  // namespace tracemalloc

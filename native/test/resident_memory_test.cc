// SPDX-License-Identifier: MIT
#include "process/resident_memory.h"

#include <doctest/doctest.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstring>
#include <vector>

namespace tracemalloc {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

class Mapped {
 public:
  explicit Mapped(size_t size)
      : size_(size),
        start_(mmap(nullptr, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    REQUIRE(start_ != MAP_FAILED);
    madvise(start_, size, MADV_NOHUGEPAGE);
  }
  ~Mapped() { munmap(start_, size_); }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;

  void Touch(size_t bytes) { std::memset(start_, 1, bytes); }

 private:
  const size_t size_;
  void* const start_;
};

size_t Other() { return MeasureResidentMemory(ReadMappings()).of(MappingKind::kOther); }

}  // namespace

TEST_CASE("what is touched of a mapping is resident") {
  const size_t before = Other();
  Mapped mapped(2048 * kMiB);
  mapped.Touch(48 * kMiB);
  const size_t growth = Other() - before;
  CHECK(growth >= 48 * kMiB);
  CHECK(growth < 49 * kMiB);
}

TEST_CASE("a reservation larger than the machine's memory is not measured") {
  const size_t before = Other();
  Mapped reserved(size_t{1} << 44);
  reserved.Touch(48 * kMiB);
  CHECK(Other() - before < kMiB);
}

}  // namespace tracemalloc

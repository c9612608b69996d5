// SPDX-License-Identifier: MIT
// Memory that is mapped, protected, or unmapped: reading it fails without a signal.
#include "layout/safe_read.h"

#include <doctest/doctest.h>
#include <sys/mman.h>

#include <cstring>

namespace tracemalloc {

TEST_CASE("readable memory is distinguished from other memory") {
  constexpr size_t kSize = 4096;
  void* const page =
      mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(page != MAP_FAILED);
  const uintptr_t address = reinterpret_cast<uintptr_t>(page);
  std::memset(page, 7, kSize);
  uint64_t word = 0;

  CHECK(IsReadable(address));
  CHECK(IsReadable(address + kSize - 8));
  REQUIRE(SafeRead(address, &word));
  CHECK(word == 0x0707070707070707u);

  REQUIRE(mprotect(page, kSize, PROT_NONE) == 0);
  CHECK(!IsReadable(address));
  CHECK(!SafeRead(address, &word));

  REQUIRE(munmap(page, kSize) == 0);
  CHECK(!IsReadable(address));
  CHECK(!SafeRead(address, &word));
  CHECK(!IsReadable(8));
  CHECK(!IsReadable(uintptr_t{1} << 63));
}

}  // namespace tracemalloc

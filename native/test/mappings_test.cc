// SPDX-License-Identifier: MIT
// Classification of mappings as kernels printed them (Debian, x64).
#include "process/mappings.h"

#include <doctest/doctest.h>

#include <map>
#include <string_view>
#include <vector>

namespace tracemalloc {
namespace {

std::vector<Mapping> Parse(std::string_view text) {
  std::vector<Mapping> mappings;
  for (size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    Mapping mapping;
    REQUIRE(ParseMapping(text.substr(0, end), &mapping));
    mappings.push_back(mapping);
  }
  return mappings;
}

// Kinds by start address, without mappings that have none.
std::map<uintptr_t, MappingKind> KindsIn(std::string_view text) {
  const std::vector<Mapping> mappings = Parse(text);
  std::map<uintptr_t, MappingKind> kinds;
  for (size_t i = 0; i < mappings.size(); i++) {
    const Mapping* const after = i + 1 < mappings.size() ? &mappings[i + 1] : nullptr;
    const MappingKind kind = KindOf(mappings[i], i > 0 ? &mappings[i - 1] : nullptr, after);
    if (kind != MappingKind::kNone) kinds[mappings[i].start] = kind;
  }
  return kinds;
}

using Kinds = std::map<uintptr_t, MappingKind>;

// A worker, 50 MiB in one Buffer above its stack, a resizable ArrayBuffer below a WebAssembly
// memory.
constexpr char kNode22[] =
    R"(00400000-00e37000 r--p 00000000 fe:00 16048205                           /opt/my node/bin/node
06b15000-06b3e000 rw-p 06714000 fe:00 16048205                           /opt/my node/bin/node
06b3e000-06b76000 rw-p 00000000 00:00 0 
2c712000-2c8f8000 rw-p 00000000 00:00 0                                  [heap]
6787780000-67877c0000 rw-p 00000000 00:00 0 
2094d2900000-2094d291b000 r--p 00000000 00:00 0 
2cd5e54c0000-2cd5e56b9000 rw-p 00000000 00:00 0 
7f7ba8000000-7f7ba8002000 rw-p 00000000 00:00 0 
7f7ba8002000-7f7ba8003000 ---p 00000000 00:00 0 
7f7ba8003000-7f7ba803f000 rwxp 00000000 00:00 0 
7f7ba803f000-7f7bc7e00000 ---p 00000000 00:00 0 
7f7bc7e00000-7f7bc7fe0000 r-xp 01952000 fe:00 16048205                   /opt/my node/bin/node
7f7bc7fe0000-7f7bc8000000 ---p 00000000 00:00 0 
7f7bc8000000-7f7bc8042000 rw-p 00000000 00:00 0 
7f7bc8042000-7f7bcc000000 ---p 00000000 00:00 0 
7f7bcc000000-7f7bcc225000 rw-p 00000000 00:00 0 
7f7bcc225000-7f7bd0000000 ---p 00000000 00:00 0 
7f7bdebfe000-7f7bdebff000 ---p 00000000 00:00 0 
7f7bdebff000-7f7bdefff000 rw-p 00000000 00:00 0 
7f7bdefff000-7f7be2200000 rw-p 00000000 00:00 0 
7f7be2200000-7f7be2700000 rw-p 00000000 00:00 0 
7f7be2700000-7f7c64000000 ---p 00000000 00:00 0 
7f7c64000000-7f7c65400000 rw-p 00000000 00:00 0 
7f7c65400000-7f7e64000000 ---p 00000000 00:00 0 
7f7e88019000-7f7e8801a000 ---p 00000000 00:00 0 
7f7e8801a000-7f7e8881a000 rw-p 00000000 00:00 0 
7f7e8881a000-7f7e8881b000 ---p 00000000 00:00 0 
7f7e8881b000-7f7e8901b000 rw-p 00000000 00:00 0 
7f7e8ac43000-7f7e8ac47000 rw-s 10000000 00:10 914597                     anon_inode:[io_uring]
7f7e8ae1b000-7f7e8ae1f000 r--p 00000000 00:00 0                          [vvar]
7f7e8ae1f000-7f7e8ae21000 r--p 00000000 00:00 0                          [vvar_vclock]
7f7e8ae21000-7f7e8ae23000 r-xp 00000000 00:00 0                          [vdso]
7ffc53917000-7ffc53938000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
)";

TEST_CASE("mappings: Node 22 with a worker") {
  CHECK(KindsIn(kNode22) == Kinds{{0x6b3e000, MappingKind::kOther},
                                  {0x2c712000, MappingKind::kArena},
                                  {0x6787780000, MappingKind::kV8},
                                  {0x2094d2900000, MappingKind::kV8},
                                  {0x2cd5e54c0000, MappingKind::kV8},
                                  {0x7f7ba8000000, MappingKind::kOther},
                                  {0x7f7ba8003000, MappingKind::kCode},
                                  {0x7f7bc8000000, MappingKind::kArena},
                                  {0x7f7bcc000000, MappingKind::kArena},
                                  {0x7f7bdebff000, MappingKind::kStack},
                                  {0x7f7bdefff000, MappingKind::kOther},
                                  {0x7f7be2200000, MappingKind::kOther},
                                  {0x7f7c64000000, MappingKind::kWasm},
                                  {0x7f7e8801a000, MappingKind::kStack},
                                  {0x7f7e8881b000, MappingKind::kStack},
                                  {0x7ffc53917000, MappingKind::kStack}});
}

constexpr char kNode26[] =
    R"(2e28e000-2e4bc000 rw-p 00000000 00:00 0                                  [heap]
fe15880000-fe15890000 r--p 00000000 00:00 0 
fe15890000-fe158a0000 ---p 00000000 00:00 0 
fe158a0000-fe158b0000 r--p 00000000 00:00 0 
fe158b0000-fe158c0000 ---p 00000000 00:00 0 
3f2bbb300000-3f2bbb340000 rw-p 00000000 00:00 0 
7fa1f8000000-7fa1f8209000 rw-p 00000000 00:00 0 
7fa1f8209000-7fa1fc000000 ---p 00000000 00:00 0 
7fa1fc000000-7fa1fc021000 rw-p 00000000 00:00 0 
7fa1fc021000-7fa200000000 ---p 00000000 00:00 0 
7fa200020000-7fa210000000 ---p 00000000 00:00 0 
7fa210000000-7fa22fdc0000 rwxp 00000000 00:00 0 
7fa22fdc0000-7fa22ffd5000 r-xp 01627000 fe:00 16065095                   /opt/node/bin/node
7fa22ffd5000-7fa230000000 rwxp 00000000 00:00 0 
7fa242ff0000-7fa2443f0000 rw-p 00000000 00:00 0 
7fa2443f0000-7fa442ff0000 ---p 00000000 00:00 0 
)";

TEST_CASE("mappings: Node 26") {
  CHECK(KindsIn(kNode26) == Kinds{{0x2e28e000, MappingKind::kArena},
                                  {0xfe15880000, MappingKind::kV8},
                                  {0xfe158a0000, MappingKind::kV8},
                                  {0x3f2bbb300000, MappingKind::kV8},
                                  {0x7fa1f8000000, MappingKind::kArena},
                                  {0x7fa1fc000000, MappingKind::kArena},
                                  {0x7fa210000000, MappingKind::kCode},
                                  {0x7fa22ffd5000, MappingKind::kCode},
                                  {0x7fa242ff0000, MappingKind::kWasm}});
}

TEST_CASE("mappings: a whole arena, and one whose mapping is merged with its neighbour's") {
  constexpr char kText[] = R"(7fa1f4000000-7fa1f8000000 rw-p 00000000 00:00 0 
7fa1fc000000-7fa204021000 rw-p 00000000 00:00 0 
7fa204021000-7fa208000000 ---p 00000000 00:00 0 
)";
  CHECK(KindsIn(kText) ==
        Kinds{{0x7fa1f4000000, MappingKind::kArena}, {0x7fa1fc000000, MappingKind::kArena}});
}

TEST_CASE("mappings: names, files and addresses") {
  const std::vector<Mapping> mappings = Parse(kNode22);
  REQUIRE(mappings.size() == 34);
  CHECK(mappings[0].start == 0x400000);
  CHECK(mappings[0].end == 0xe37000);
  CHECK(mappings[0].is_file);
  CHECK(mappings[0].is_readable);
  CHECK(!mappings[0].is_writable);
  CHECK(mappings[3].name == MappingName::kHeap);
  CHECK(!mappings[3].is_file);
  CHECK(mappings[4].name == MappingName::kNone);
  CHECK(mappings[31].name == MappingName::kKernel);
  CHECK(mappings[32].name == MappingName::kStack);
}

TEST_CASE("mappings: other lines are refused") {
  Mapping mapping;
  for (const char* line : {"", "Rss: 12 kB", "7f00-7g00 rw-p 0 0 0", "7f00-8f00 rw"}) {
    CHECK(!ParseMapping(line, &mapping));
  }
}

}  // namespace
}  // namespace tracemalloc

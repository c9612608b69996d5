// SPDX-License-Identifier: MIT
// The tables next to machine code: safepoints (bytes dumped from real code), Sparkplug's offset
// tables.
#include <doctest/doctest.h>

#include <vector>

#include "layout/bytecode/bytecode_sizes.h"
#include "layout/frames/baseline_positions.h"
#include "layout/frames/safepoint_table.h"

namespace tracemalloc {
namespace {

TEST_CASE("TurboFan's safepoints on Node 22") {
  const std::vector<uint8_t> bytes = {3, 0,    0, 0, 0xa1, 4, 0,    0, 0xb2, 0,    8, 0xc7,
                                      1, 0x40, 1, 9, 0xcb, 1, 0xa4, 1, 0xa,  0xcf, 1};
  SafepointTable table;
  REQUIRE(table.DecodeBytes(bytes.data(), bytes.size(), 0, Tier::kTurbofan));
  REQUIRE(table.entries().size() == 3);
  const Safepoint* call = table.Find(0xb2);
  REQUIRE(call != nullptr);
  CHECK(call->deopt_index == 7);
  CHECK(call->exit_offset == 454);
  CHECK(table.Find(458)->return_offset == 0x140);
  CHECK(table.Find(0xb3) == nullptr);
  CHECK_FALSE(table.DecodeBytes(bytes.data(), bytes.size() - 1, 0, Tier::kTurbofan));
  CHECK_FALSE(table.DecodeBytes(bytes.data(), 4, 0, Tier::kTurbofan));
}

TEST_CASE("Maglev's safepoints on Node 24") {
  const std::vector<uint8_t> bytes = {8, 0, 0,    0, 3, 0, 0, 0, 0xa1, 0, 0, 0,    2, 0, 0, 0, 0x24,
                                      0, 6, 0x61, 2, 0, 7, 1, 7, 0x65, 2, 0, 0xcd, 1, 0, 0, 0, 0};
  SafepointTable table;
  REQUIRE(table.DecodeBytes(bytes.data(), bytes.size(), 4, Tier::kMaglev));
  REQUIRE(table.entries().size() == 3);
  CHECK(table.Find(0x107)->deopt_index == 6);
  CHECK(table.Find(612)->return_offset == 0x107);
  CHECK(table.Find(0x1cd)->deopt_index == -1);
  CHECK(table.Find(0x1cd)->exit_offset == -1);
}

TEST_CASE("Sparkplug's offsets step through bytecodes, wide ones included") {
  const BytecodeSizes sizes(115);
  constexpr uint8_t kWide = 0;
  constexpr uint8_t kLdaZero = 12;
  constexpr uint8_t kThreeOperands = 45;
  std::vector<uint8_t> bytecodes = {kLdaZero, kWide, kThreeOperands};
  bytecodes.resize(40, kLdaZero);
  const int wide = sizes.SizeAt(&bytecodes[1], bytecodes.size() - 1);
  REQUIRE(sizes.SizeAt(&bytecodes[0], bytecodes.size()) == 1);
  REQUIRE(wide == 1 + 1 + 2 * (sizes.SizeAt(&bytecodes[2], bytecodes.size() - 2) - 1));
  const std::vector<uint8_t> offsets = {10, 5, 0x90, 1, 4};  // 10, 5, 144, 4
  int32_t offset;
  REQUIRE(MapBaselineOffset(sizes, offsets, bytecodes, 10, &offset));
  CHECK(offset == -1);
  REQUIRE(MapBaselineOffset(sizes, offsets, bytecodes, 11, &offset));
  CHECK(offset == 0);
  REQUIRE(MapBaselineOffset(sizes, offsets, bytecodes, 16, &offset));
  CHECK(offset == 1);
  REQUIRE(MapBaselineOffset(sizes, offsets, bytecodes, 160, &offset));
  CHECK(offset == 1 + wide);
  CHECK_FALSE(MapBaselineOffset(sizes, offsets, bytecodes, 164, &offset));
}

TEST_CASE("no bytecode is read beyond the end, and unknown ones have no size") {
  const BytecodeSizes sizes(147);
  const uint8_t bytes[] = {1, 45};
  CHECK(sizes.SizeAt(bytes, 0) == 0);
  CHECK(sizes.SizeAt(bytes, 1) == 0);
  CHECK(sizes.SizeAt(bytes, 2) == 0);
  const uint8_t unknown[] = {255, 0, 0};
  CHECK(sizes.SizeAt(unknown, 3) == 0);
  CHECK(BytecodeSizes(99).SizeAt(bytes, 2) == 0);
}

}  // namespace
}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
// The tables next to machine code: safepoints (bytes dumped from real code), Sparkplug's offset
// tables, jumps to deferred code.
#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>

#include "layout/bytecode/bytecode_sizes.h"
#include "layout/frames/baseline_positions.h"
#include "layout/frames/safepoint_table.h"
#include "layout/x64/deferred_code.h"

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

TEST_CASE("the jump that leads to deferred code is found") {
  std::vector<uint8_t> code(100, 0x90);
  const auto jump = [&code](int at, int to) {
    code[at] = 0x0f;
    code[at + 1] = 0x83;
    code[at + 2] = static_cast<uint8_t>(to - at - 6);
    code[at + 3] = code[at + 4] = code[at + 5] = 0;
  };
  jump(10, 60);
  jump(20, 80);
  CHECK(FindJumpBefore(code.data(), code.size(), 70).source == 10);
  CHECK(FindJumpBefore(code.data(), code.size(), 90).source == 20);
  CHECK(FindJumpBefore(code.data(), code.size(), 60).target == -1);
  CHECK(FindJumpBefore(code.data(), code.size(), 5).target == -1);
}

TEST_CASE("an immediate operand with the bytes of a jump is not taken for one") {
  std::vector<uint8_t> code(100, 0x90);
  // mov rcx, 0x0020830f5678; the displacement would be 0x20.
  const uint8_t load[] = {0x48, 0xb9, 0x78, 0x56, 0x0f, 0x83, 0x20, 0x00, 0x00, 0x00};
  std::copy(std::begin(load), std::end(load), code.begin() + 30);
  CHECK(FindJumpBefore(code.data(), code.size(), 90).target == -1);
  code[30] = 0x49;
  CHECK(FindJumpBefore(code.data(), code.size(), 90).target == -1);
  code[31] = 0x89;  // another instruction
  CHECK(FindJumpBefore(code.data(), code.size(), 90).source == 34);
}

TEST_CASE("the store of an object's field is distinguished from other stores") {
  std::vector<uint8_t> code(200, 0x90);
  const auto store = [&code](int at, std::vector<uint8_t> instruction) {
    std::copy(instruction.begin(), instruction.end(), code.begin() + at);
  };
  store(0, {0x4d, 0x89, 0x4d, 0x40});         // [r13 + 0x40]: the allocation's top
  store(5, {0x48, 0x89, 0x45, 0xd7});         // [rbp - 0x29]
  store(10, {0x48, 0x89, 0x44, 0x24, 0x07});  // [rsp + 7]
  store(15, {0x4d, 0x89, 0x74, 0x48, 0xff});  // [r8 + rcx * 2 - 1]
  store(20, {0x49, 0x89, 0x48, 0x08});        // [r8 + 8]: no field
  store(30, {0x4d, 0x89, 0x48, 0xff});        // [r8 - 1]: a map
  store(50, {0x4d, 0x89, 0x74, 0x24, 0x07});  // [r12 + 7]: the properties
  CHECK(FindFieldStore(code.data(), code.size(), 0) == 30);
  CHECK(FindFieldStore(code.data(), code.size(), 31) == 50);
  CHECK(FindFieldStore(code.data(), 33, 0) == -1);
  CHECK(FindFieldStore(code.data(), code.size(), 51) == -1);
}

TEST_CASE("a check of the allocation limit is distinguished from other comparisons") {
  const std::vector<std::vector<uint8_t>> checks = {
      {0x4d, 0x39, 0x5d, 0x48},  // cmp [r13 + 0x48], r11
      {0x49, 0x3b, 0x45, 0x60},  // cmp rax, [r13 + 0x60]
  };
  for (const std::vector<uint8_t>& check : checks) {
    CHECK(ChecksRoom(check.data(), 4));
    CHECK_FALSE(ChecksRoom(check.data(), 3));
  }
  const std::vector<uint8_t> of_a_frame = {0x48, 0x3b, 0x45, 0x60};  // cmp rax, [rbp + 0x60]
  CHECK_FALSE(ChecksRoom(of_a_frame.data(), 4));
}

TEST_CASE("a jump back is found, short or long") {
  std::vector<uint8_t> code(200, 0x90);
  code[100] = 0xeb;  // to 62
  code[101] = 0xd8;
  CHECK(JumpsBack(code.data(), code.size(), 80, 150, 60, 70));
  CHECK_FALSE(JumpsBack(code.data(), code.size(), 80, 150, 63, 70));
  CHECK_FALSE(JumpsBack(code.data(), code.size(), 80, 101, 60, 70));
  CHECK_FALSE(JumpsBack(code.data(), code.size(), 101, 150, 60, 70));
  const uint8_t jump[] = {0xe9, 0x9b, 0xff, 0xff, 0xff};  // from 120 to 24
  std::copy(std::begin(jump), std::end(jump), code.begin() + 120);
  CHECK(JumpsBack(code.data(), code.size(), 110, 1000, 24, 24));
  CHECK(JumpsBack(code.data(), code.size(), -10, 1000, 24, 24));
  code[124] = 0;  // forward
  CHECK_FALSE(JumpsBack(code.data(), code.size(), 110, 1000, 0, 200));
  code[124] = 0x80;  // to before the code
  CHECK_FALSE(JumpsBack(code.data(), code.size(), 110, 1000, 0, 200));
}

}  // namespace
}  // namespace tracemalloc

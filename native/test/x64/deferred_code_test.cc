// SPDX-License-Identifier: MIT
#include "layout/machine/deferred_code.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace tracemalloc {
namespace {

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

TEST_CASE("a slow path within the main code is recognized, and where the paths meet") {
  std::vector<uint8_t> code(200, 0x90);
  const auto put = [&code](int at, std::vector<uint8_t> instruction) {
    std::copy(instruction.begin(), instruction.end(), code.begin() + at);
  };
  put(46, {0x4d, 0x39, 0x45, 0x48});     // cmp [r13 + 0x48], r8
  put(50, {0x0f, 0x87, 0x0f, 0, 0, 0});  // ja to 71
  put(61, {0xe8, 0, 0, 0, 0});           // call
  put(66, {0xe9, 0x0b, 0, 0, 0});        // jmp to 82
  JumpOverCall over = FindJumpOver(code.data(), code.size(), 66);
  CHECK(over.source == 50);
  CHECK(over.join == 82);
  CHECK(FindJumpOver(code.data(), code.size(), 40).source == -1);  // a call before it
  CHECK(FindJumpOver(code.data(), code.size(), 90).source == -1);  // a call after it
  code[66] = 0x90;
  over = FindJumpOver(code.data(), code.size(), 66);
  CHECK(over.source == 50);
  CHECK(over.join == -1);
  code[46] = 0x90;  // no check for room
  CHECK(FindJumpOver(code.data(), code.size(), 66).source == -1);
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

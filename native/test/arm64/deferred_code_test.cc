// SPDX-License-Identifier: MIT
#include "layout/machine/deferred_code.h"

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

namespace tracemalloc {
namespace {

constexpr uint32_t kNop = 0xd503201f;
constexpr uint32_t kEqual = 0, kHigherOrSame = 2, kLower = 3, kLowerOrSame = 9;

uint32_t Distance(int from, int to, int shift, int bits) {
  return (static_cast<uint32_t>((to - from) / 4) & ((1u << bits) - 1)) << shift;
}
uint32_t B(int from, int to) { return 0x14000000 | Distance(from, to, 0, 26); }
uint32_t BCond(int from, int to, uint32_t condition) {
  return 0x54000000 | Distance(from, to, 5, 19) | condition;
}
uint32_t Cbz(int from, int to) { return 0xb4000003 | Distance(from, to, 5, 19); }
uint32_t Tbnz(int from, int to) { return 0x37000003 | Distance(from, to, 5, 14); }

class Code {
 public:
  explicit Code(int32_t size) : bytes_(size) {
    for (int32_t at = 0; at < size; at += 4) Put(at, kNop);
  }
  void Put(int at, uint32_t instruction) { std::memcpy(&bytes_[at], &instruction, 4); }
  const uint8_t* data() const { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }

 private:
  std::vector<uint8_t> bytes_;
};

// A function of Node 20 that makes an object: from the loads of top and limit to the end of the
// slow path, as V8 printed it.
constexpr int32_t kRoomCheck = 0x44, kMap = 0x58, kSlowPath = 0xe0, kReturn = 0xec;
Code Literal() {
  Code code(0x100);
  code.Put(0x2c, 0xeb2263ff);  // cmp sp, x2
  code.Put(0x30, BCond(0x30, 0xb4, 9));
  code.Put(0x34, 0xf85c0342);  // ldur x2, [x26, #-64]
  code.Put(0x38, 0xf85c8343);  // ldur x3, [x26, #-56]
  code.Put(0x3c, 0x9100a044);  // add x4, x2, #40
  code.Put(0x40, 0xeb03009f);  // cmp x4, x3
  code.Put(kRoomCheck, 0x540004e2);
  code.Put(0x4c, 0xf81c0343);  // stur x3, [x26, #-64]
  code.Put(kMap, 0xf81ff043);  // stur x3, [x2, #-1]
  code.Put(0x60, 0xf8007043);  // stur x3, [x2, #7]
  code.Put(kSlowPath, 0xd2800501);
  code.Put(0xe8, 0xd63f0200);  // blr x16
  code.Put(0xf0, 0x17ffffd6);  // b to 0x88
  return code;
}

TEST_CASE("an allocation's slow path leads back to its check and its stores") {
  const Code code = Literal();
  const ForwardJump jump = FindJumpBefore(code.data(), code.size(), kReturn);
  CHECK(jump.source == kRoomCheck);
  CHECK(jump.target == kSlowPath);
  CHECK(ChecksRoom(code.data(), kRoomCheck));
  CHECK_FALSE(ChecksRoom(code.data(), 0x30));  // the stack's limit
  CHECK(FindRoomCheck(code.data(), code.size(), 0) == kRoomCheck);
  CHECK(FindRoomCheck(code.data(), code.size(), 0x48) == 0x100);
  CHECK(FindFieldStore(code.data(), code.size(), kRoomCheck) == kMap);
  CHECK(JumpsBack(code.data(), code.size(), kReturn, 0x100, kRoomCheck + 4, kMap));
  CHECK_FALSE(JumpsBack(code.data(), code.size(), kReturn, 0x100, 0x8c, 0x100));
  CHECK(FindJumpOver(code.data(), code.size(), kReturn).source == -1);
}

TEST_CASE("each kind of conditional jump counts, and only forward ones") {
  Code code(400);
  code.Put(8, BCond(8, 200, kEqual));
  CHECK(FindJumpBefore(code.data(), code.size(), 300).source == 8);
  code.Put(12, Cbz(12, 220));
  CHECK(FindJumpBefore(code.data(), code.size(), 300).source == 12);
  code.Put(16, Tbnz(16, 240));
  CHECK(FindJumpBefore(code.data(), code.size(), 300).source == 16);
  CHECK(FindJumpBefore(code.data(), code.size(), 240).source == 12);
  code.Put(20, B(20, 260));
  code.Put(280, BCond(280, 40, kEqual));
  CHECK(FindJumpBefore(code.data(), code.size(), 300).source == 16);
  CHECK(FindJumpBefore(code.data(), code.size(), 8).target == -1);
}

TEST_CASE("constants in the code are not taken for instructions") {
  Code code(400);
  code.Put(100, 0x5800001f | 3 << 5);  // ldr xzr, #12: three words follow
  code.Put(104, 0xd63f03e0);
  code.Put(108, BCond(108, 200, kEqual));
  code.Put(112, 0xf81ff043);  // stur x3, [x2, #-1]
  code.Put(116, BCond(116, 180, kEqual));
  const ForwardJump jump = FindJumpBefore(code.data(), code.size(), 300);
  CHECK(jump.source == 116);
  CHECK(FindFieldStore(code.data(), code.size(), 90 + 2) == -1);
}

TEST_CASE("a jump to a jump leads to where that leads") {
  Code code(400);
  code.Put(8, Tbnz(8, 100));  // too far for it
  code.Put(96, B(96, 108));
  code.Put(100, B(100, 240));
  code.Put(20, BCond(20, 200, kEqual));
  const ForwardJump jump = FindJumpBefore(code.data(), code.size(), 300);
  CHECK(jump.source == 8);
  CHECK(jump.target == 240);
}

TEST_CASE("the store of an object's field is distinguished from other stores") {
  Code code(400);
  code.Put(0, 0xf81ff343);   // stur x3, [x26, #-1]: V8's own data
  code.Put(4, 0xf81ff3a3);   // stur x3, [fp, #-1]
  code.Put(8, 0xf81ff3e3);   // stur x3, [sp, #-1]
  code.Put(12, 0xf8008043);  // stur x3, [x2, #8]: no field
  code.Put(16, 0xf85ff043);  // ldur x3, [x2, #-1]
  code.Put(20, 0xb81ff043);  // stur w3, [x2, #-1]
  code.Put(40, 0xf800f043);  // stur x3, [x2, #15]
  CHECK(FindFieldStore(code.data(), code.size(), 0) == 40);
  CHECK(FindFieldStore(code.data(), 40, 0) == -1);
  CHECK(FindFieldStore(code.data(), code.size(), 44) == -1);
}

TEST_CASE("a check for room compares with what was loaded from V8's own data") {
  Code code(100);
  code.Put(8, 0xf85c8343);   // ldur x3, [x26, #-56]
  code.Put(20, 0xeb03009f);  // cmp x4, x3
  code.Put(24, BCond(24, 60, kHigherOrSame));
  CHECK(ChecksRoom(code.data(), 24));
  code.Put(20, 0xeb04007f);  // cmp x3, x4
  CHECK(ChecksRoom(code.data(), 24));
  code.Put(20, 0xeb0500df);  // cmp x6, x5
  CHECK_FALSE(ChecksRoom(code.data(), 24));
  code.Put(20, 0xeb03009f);
  code.Put(8, 0xf85c8303);  // ldur x3, [x24, #-56]
  CHECK_FALSE(ChecksRoom(code.data(), 24));
  code.Put(8, 0xf9402743);  // ldr x3, [x26, #72]: a root
  CHECK_FALSE(ChecksRoom(code.data(), 24));
  code.Put(8, 0xf85c8343);
  CHECK_FALSE(ChecksRoom(code.data(), 20));
  CHECK_FALSE(ChecksRoom(code.data(), 0));
  for (const uint32_t other : {kEqual, kLowerOrSame}) {
    code.Put(24, BCond(24, 60, other));
    CHECK_FALSE(ChecksRoom(code.data(), 24));
  }
  code.Put(24, BCond(24, 60, kHigherOrSame));
  // Between them registers may be saved, but not that one be given another value.
  for (const uint32_t harmless : {0xf9002fe3u, 0xa90093e3u, 0xfd000fe3u, 0xfc407043u, 0xf81ff043u,
                                  0xaa0303e5u, 0xeb04007fu}) {
    CAPTURE(harmless);
    code.Put(16, harmless);
    CHECK(ChecksRoom(code.data(), 24));
  }
  for (const uint32_t writes : {0xf94007e3u, 0xa9400fe4u, 0xb8408043u, 0xb880b0e3u, 0x91000463u,
                                0xaa0503e3u, 0x58000ec3u}) {
    CAPTURE(writes);
    code.Put(16, writes);
    CHECK_FALSE(ChecksRoom(code.data(), 24));
  }
}

TEST_CASE("a slow path within the main code is recognized, and where the paths meet") {
  Code code(200);
  code.Put(28, 0xf85c8343);  // ldur x3, [x26, #-56]
  code.Put(40, 0xeb03009f);  // cmp x4, x3
  code.Put(44, BCond(44, 72, kLower));
  code.Put(60, 0xd63f0200);  // blr x16
  code.Put(64, 0xd1000402);  // sub x2, x0, #1
  code.Put(68, B(68, 84));
  JumpOverCall over = FindJumpOver(code.data(), code.size(), 64);
  CHECK(over.source == 44);
  CHECK(over.join == 84);
  CHECK(FindJumpOver(code.data(), code.size(), 40).source == -1);  // a call before it
  CHECK(FindJumpOver(code.data(), code.size(), 88).source == -1);  // a call after it
  code.Put(68, kNop);
  over = FindJumpOver(code.data(), code.size(), 64);
  CHECK(over.source == 44);
  CHECK(over.join == -1);
  code.Put(44, BCond(44, 72, kHigherOrSame));  // leads to where there is no room
  CHECK(FindJumpOver(code.data(), code.size(), 64).source == -1);
  code.Put(44, BCond(44, 72, kLower));
  code.Put(40, kNop);  // no check for room
  CHECK(FindJumpOver(code.data(), code.size(), 64).source == -1);
}

TEST_CASE("a jump back is found within the limits") {
  Code code(200);
  code.Put(100, B(100, 60));
  CHECK(JumpsBack(code.data(), code.size(), 80, 150, 56, 64));
  CHECK(JumpsBack(code.data(), code.size(), -10, 1000, 60, 60));
  CHECK_FALSE(JumpsBack(code.data(), code.size(), 80, 150, 64, 72));
  CHECK_FALSE(JumpsBack(code.data(), code.size(), 80, 100, 56, 64));
  CHECK_FALSE(JumpsBack(code.data(), code.size(), 101, 150, 56, 64));
  code.Put(100, B(100, 140));
  CHECK_FALSE(JumpsBack(code.data(), code.size(), 80, 150, 0, 200));
}

}  // namespace
}  // namespace tracemalloc

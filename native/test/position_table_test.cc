// SPDX-License-Identifier: MIT
#include "layout/bytecode/position_table.h"

#include <doctest/doctest.h>

#include "test/fake_heap.h"
#include "test/position_bytes.h"

namespace tracemalloc {
namespace {

TEST_CASE("both encodings of a position table decode to the same entries") {
  for (const PositionEncoding encoding : {kStatementInSign, kTwoFlagBits}) {
    PositionTable table;
    const auto bytes = EncodePositions({{-1, 100}, {0, 120}, {300, 90}, {301, 100000}}, encoding);
    REQUIRE(table.DecodeBytes(bytes.data(), bytes.size(), encoding));
    REQUIRE(table.entries().size() == 4);
    CHECK(table.entries()[0].code_offset == -1);
    CHECK(table.entries()[2].position.script_offset() == 90);
    CHECK(table.entries()[3].position.script_offset() == 100000);
    CHECK(table.Find(-1)->position.script_offset() == 100);
    CHECK(table.Find(299)->position.script_offset() == 120);
    CHECK(table.Find(300)->position.script_offset() == 90);
    CHECK(table.Find(-2) == nullptr);
  }
}

TEST_CASE("a position table that ends early, or of an unknown encoding, is refused") {
  PositionTable table;
  const auto bytes = EncodePositions({{-1, 100}, {300, 90}}, kStatementInSign);
  CHECK_FALSE(table.DecodeBytes(bytes.data(), bytes.size() - 1, kStatementInSign));
  CHECK_FALSE(table.DecodeBytes(bytes.data(), bytes.size(), static_cast<PositionEncoding>(7)));
  const std::vector<uint8_t> endless(12, 0xff);
  CHECK_FALSE(table.DecodeBytes(endless.data(), endless.size(), kTwoFlagBits));
}

TEST_CASE("inlining ids and script offsets are unpacked") {
  SourcePosition position;
  position.raw = (int64_t{5 + 1} << 31) | (int64_t{1234 + 1} << 1);
  CHECK(position.inlining_id() == 5);
  CHECK(position.script_offset() == 1234);
  CHECK_FALSE(position.external());
  CHECK(SourcePosition{2}.inlining_id() == -1);
}

TEST_CASE("only a byte array of the right type is a position table") {
  const Layout& layout = Node24Layout();
  FakeHeap heap(layout);
  PositionTable table;
  const auto bytes = EncodePositions({{-1, 7}}, kStatementInSign);
  for (const Memory memory : {Memory::kDirect, Memory::kChecked}) {
    const HeapView view(&layout, memory);
    CHECK(table.Decode(view, heap.NewBytes(layout.type_byte_array, kArrayData, bytes)));
    CHECK_FALSE(table.Decode(view, heap.NewBytes(layout.type_script, kArrayData, bytes)));
    CHECK_FALSE(table.Decode(view, FakeHeap::Smi(3)));
  }
}

}  // namespace
}  // namespace tracemalloc

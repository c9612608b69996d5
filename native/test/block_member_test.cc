// SPDX-License-Identifier: MIT
// Finding the object of a block for which a sample stands, on hand-built blocks of objects whose
// types have Node 22's numbers.
#include "layout/block_member.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <utility>

// The constants of V8 that ObjectLayout needs; the linker exports them (-rdynamic).
#define V8_CONSTANT(name, value) extern "C" __attribute__((used)) const int v8dbg_##name = value
V8_CONSTANT(StringRepresentationMask, 7);
V8_CONSTANT(StringEncodingMask, 8);
V8_CONSTANT(SeqStringTag, 0);
V8_CONSTANT(ConsStringTag, 1);
V8_CONSTANT(ThinStringTag, 5);
V8_CONSTANT(OneByteStringTag, 8);
V8_CONSTANT(FirstNonstringType, 128);
V8_CONSTANT(FirstContextType, 190);
V8_CONSTANT(LastContextType, 199);
V8_CONSTANT(type_AllocationMemento__ALLOCATION_MEMENTO_TYPE, 142);
V8_CONSTANT(type_FixedArray__FIXED_ARRAY_TYPE, 174);
V8_CONSTANT(type_ByteArray__BYTE_ARRAY_TYPE, 186);
V8_CONSTANT(type_FixedDoubleArray__FIXED_DOUBLE_ARRAY_TYPE, 188);
V8_CONSTANT(type_SloppyArgumentsElements__SLOPPY_ARGUMENTS_ELEMENTS_TYPE, 189);
V8_CONSTANT(type_TrustedByteArray__TRUSTED_BYTE_ARRAY_TYPE, 212);
V8_CONSTANT(type_WeakFixedArray__WEAK_FIXED_ARRAY_TYPE, 247);
V8_CONSTANT(type_PropertyArray__PROPERTY_ARRAY_TYPE, 269);
V8_CONSTANT(type_WeakArrayList__WEAK_ARRAY_LIST_TYPE, 287);
V8_CONSTANT(type_JSArrayBuffer__JS_ARRAY_BUFFER_TYPE, 2061);

namespace tracemalloc {
namespace {

constexpr int kBigInt = 129;
constexpr int kMemento = 142;
constexpr int kFixedArray = 174;
constexpr int kTable = 180;
constexpr int kByteArray = 186;
constexpr int kFiller = 276;
constexpr int kUnknown = 300;
constexpr int kArrayBuffer = 2061;
constexpr int kObject = 1057;

using Kind = BlockMember::Kind;

class Page {
 public:
  Page() {
    REQUIRE(layout_.Init().ok());
    areas_.Init(area_.data());
    Put(kFiller, 16);
    layout_.LearnFiller(begin(), 16);
    used_ = 0;
  }

  uintptr_t begin() const { return reinterpret_cast<uintptr_t>(words_.data()); }
  uintptr_t end() const { return begin() + used_; }
  ObjectLayout* layout() { return &layout_; }

  // An object whose map has its size.
  uintptr_t Put(int type, size_t size) { return Place(type, size, size / 8, 0); }
  // An object with the number of its words, after a header of two.
  uintptr_t PutWords(int type, size_t size) {
    return Place(type, size, 0, static_cast<uint64_t>(size / 8 - 2) << 32);
  }
  uintptr_t PutBytes(size_t size) {
    return Place(kByteArray, size, 0, static_cast<uint64_t>(size - 16) << 32);
  }
  uintptr_t PutBigInt(size_t size) { return Place(kBigInt, size, 0, (size / 8 - 2) << 1 | 1); }
  void Point(uintptr_t from, size_t word, uintptr_t to) {
    reinterpret_cast<uintptr_t*>(from)[word] = to | 1;
  }

  // Finds the member in a block of `size` bytes at the start of the page. V8's allocation top is at
  // the page's end, or at the block's offset `top`.
  BlockMember Find(size_t size, double place, double covered = 0, size_t top = 0) {
    area_[0] = begin() + (top == 0 ? used_ : top);
    return FindBlockMember(&layout_, areas_, begin(), size, {covered, place, 1});
  }

 private:
  using MapWords = std::array<uint64_t, 10>;

  uintptr_t MapOf(int type, size_t size_in_words) {
    MapWords& map = maps_[{type, size_in_words}];
    meta_[0] = reinterpret_cast<uintptr_t>(meta_.data()) | 1;
    map[0] = meta_[0];
    reinterpret_cast<uint8_t*>(map.data())[8] = static_cast<uint8_t>(size_in_words);
    const auto number = static_cast<uint16_t>(type);
    std::memcpy(reinterpret_cast<char*>(map.data()) + 12, &number, sizeof(number));
    return reinterpret_cast<uintptr_t>(map.data()) | 1;
  }
  uintptr_t Place(int type, size_t size, size_t size_in_words, uint64_t length) {
    const uintptr_t address = end();
    auto* words = reinterpret_cast<uint64_t*>(address);
    words[0] = MapOf(type, size_in_words);
    words[1] = length;
    used_ += size;
    return address;
  }

  alignas(8) std::array<uint64_t, 1000> words_{};
  size_t used_ = 0;
  MapWords meta_{};
  std::map<std::pair<int, size_t>, MapWords> maps_;
  std::array<uintptr_t, 6> area_{};
  ObjectLayout layout_;
  AllocationAreas areas_;
};

void Check(const BlockMember& member, Kind kind, uintptr_t address, size_t size, double share) {
  CHECK(member.kind == kind);
  CHECK(member.address == address);
  CHECK(member.size == size);
  CHECK(member.share == share);
}

TEST_CASE("a block of one object") {
  Page page;
  const uintptr_t object = page.Put(kObject, 56);
  Check(page.Find(56, 1), Kind::kWhole, object, 56, 56);
  // The block of another sample ends inside this object.
  Check(page.Find(56, 30, 16), Kind::kWhole, object, 56, 40);
}

TEST_CASE("an object that refers to elements was allocated with them, others may not have been") {
  Page page;
  const uintptr_t array = page.Put(kObject, 32);
  const uintptr_t elements = page.PutWords(kFixedArray, 40);
  page.Put(kMemento, 16);
  Check(page.Find(88, 32), Kind::kPart, array, 32, 32);
  Check(page.Find(88, 33), Kind::kMerged, elements, 40, 40);
  page.Point(array, 2, elements);
  Check(page.Find(88, 33), Kind::kPart, elements, 40, 72);
  CHECK(page.Find(88, 73).kind == Kind::kUnused);
  CHECK(page.Find(88, 1).mean_size == 36);
  CHECK(page.Find(88, 33).mean_size == 36);
  CHECK(page.Find(88, 33, 8).share == 64);
  // The program itself may have stored the array in the elements.
  page.Point(array, 2, 0);
  page.Point(elements, 3, array);
  Check(page.Find(88, 72), Kind::kMerged, elements, 40, 40);
  CHECK(page.Find(88, 1).mean_size == 32);
  CHECK(page.Find(88, 72).mean_size == 40);
}

TEST_CASE("an object that refers to a table was allocated with it, its values may not have been") {
  Page page;
  const uintptr_t table = page.PutWords(kTable, 152);
  page.layout()->LearnTables(table, 152);
  const uintptr_t object = page.Put(kObject, 32);
  page.Point(table, 5, object);
  Check(page.Find(184, 153), Kind::kMerged, object, 32, 32);
  page.Point(object, 3, table);
  Check(page.Find(184, 153), Kind::kPart, object, 32, 184);
}

TEST_CASE("the rest of a block belongs to the objects allocated next") {
  Page page;
  const uintptr_t table = page.PutWords(kTable, 152);
  page.layout()->LearnTables(table, 152);
  const uintptr_t small = page.Put(kObject, 24);
  const uintptr_t large = page.Put(kObject, 48);
  page.Point(large, 1, table);
  Check(page.Find(184, 152), Kind::kPart, table, 152, 152);
  Check(page.Find(184, 153), Kind::kLater, small, 24, 24);
  Check(page.Find(184, 177), Kind::kLater, large, 48, 8);
  Check(page.Find(184, 170, 160), Kind::kLater, small, 24, 16);
}

TEST_CASE("a typed array's elements are after its buffer") {
  Page page;
  page.Put(kArrayBuffer, 96);
  const uintptr_t elements = page.PutBytes(48);
  Check(page.Find(112, 100), Kind::kPart, elements, 48, 16);
}

TEST_CASE("a BigInt that shrank has unused space after it") {
  Page page;
  const uintptr_t integer = page.PutBigInt(24);
  page.layout()->LearnBigInt(integer, 24);
  page.Put(kFiller, 8);
  Check(page.Find(32, 24), Kind::kPart, integer, 24, 24);
  CHECK(page.Find(32, 25).kind == Kind::kUnused);
}

TEST_CASE("there are no objects beyond the allocation top") {
  Page page;
  const uintptr_t object = page.Put(kObject, 56);
  page.Put(kObject, 56);
  Check(page.Find(80, 40, 0, 56), Kind::kPart, object, 56, 56);
  CHECK(page.Find(80, 60, 0, 56).kind == Kind::kUnused);
}

TEST_CASE("if the first object of a block has an unknown size, it is the member") {
  Page page;
  const uintptr_t object = page.PutWords(kUnknown, 40);
  Check(page.Find(72, 60), Kind::kUnknown, object, 72, 72);
}

TEST_CASE("an object that does not look like a BigInt or a table keeps an unknown size") {
  Page page;
  const uintptr_t integer = page.PutBigInt(24);
  page.layout()->LearnBigInt(integer, 32);
  CHECK_FALSE(page.layout()->Measure(integer).is_known());
  const uintptr_t table = page.PutWords(kTable, 152);
  page.layout()->LearnTables(table, 160);
  CHECK_FALSE(page.layout()->Measure(table).is_known());
}

TEST_CASE("strings that a collection may replace by others are recognized") {
  Page page;
  constexpr int kOneByte = 32 | 8;
  CHECK(page.layout()->IsReplaceableString(page.Put(kOneByte | 1, 32)));
  CHECK(page.layout()->IsReplaceableString(page.Put(kOneByte | 5, 24)));
  CHECK_FALSE(page.layout()->IsReplaceableString(page.Put(kOneByte | 3, 32)));
  CHECK(page.layout()->IsString(page.Put(kOneByte | 3, 32)));
  CHECK_FALSE(page.layout()->IsString(page.Put(kObject, 32)));
}

}  // namespace
}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
#include "layout/machine/entry_code.h"

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

namespace tracemalloc {
namespace {

std::vector<uint8_t> BytesOf(const std::vector<uint32_t>& instructions) {
  std::vector<uint8_t> bytes;
  for (const uint32_t each : instructions) {
    uint8_t four[4];
    std::memcpy(four, &each, sizeof(four));
    bytes.insert(bytes.end(), four, four + 4);
  }
  return bytes;
}

bool Read(const std::vector<uint32_t>& instructions, EntryCode* entry) {
  const std::vector<uint8_t> bytes = BytesOf(instructions);
  return ReadEntryCode(bytes.data(), bytes.size(), entry);
}

// JSEntry of Node 20.20.2, 24.21.0 and 26.10.0, from their executables.
const std::vector<uint32_t> kNode20 = {
    0x6dbf3fee, 0x6dbf37ec, 0x6dbf2fea, 0x6dbf27e8,  // stp d14, d15, [sp, #-16]!; ...
    0xa9bf73fb, 0xa9bf6bf9, 0xa9bf63f7, 0xa9bf5bf5,  // stp x27, x28, [sp, #-16]!; ...
    0xa9bf53f3, 0xa9bf7bfd, 0x9e6703ef, 0xaa0003fa,  // ...; stp x29, x30; fmov d15; mov x26, x0
    0x910003fd, 0xd280004c, 0xa9bf33ff, 0x9102034b,  // mov x29, sp; ...; add x11, x26, #0x80
    0xf940016a, 0xf900017f, 0x9102834c, 0xf940018b,  // ldr x10, [x11]; str xzr, [x11]
    0xf100017f, 0xd2800050, 0x9a9013eb, 0x54000041,  //
    0xf900019d, 0xa9bf2beb, 0x14000005, 0x9100a34a,  // str x29; stp x11, x10, [sp, #-16]!
    0xf9000140, 0xf940fb40, 0x1400000a, 0x9102234b};
// That of 24.21.0, after the same ten instructions: the longest.
const std::vector<uint32_t> kRestOfNode24 = {
    0x2f00e40f, 0xaa0003fa, 0x910003fd, 0xd280004c, 0xa9bf33ff, 0x9101034b, 0xf940016a,
    0xf900017f, 0x9103634c, 0xf940018b, 0xf100017f, 0xd2800050, 0x9a9013eb, 0x54000041,
    0xf900019d, 0x9100a349, 0xf9400127, 0xf900013f, 0x91008349, 0xf9400128, 0xf900013f,
    0xa9be1fe8, 0xa9012beb, 0x14000005, 0x9101a34a, 0xf9000140};
const std::vector<uint32_t> kNode26 = {
    0x6dbf3fee, 0x6dbf37ec, 0x6dbf2fea, 0x6dbf27e8,   //
    0xa9bf73fb, 0xa9bf6bf9, 0xa9bf63f7, 0xa9bf5bf5,   //
    0xa9bf53f3, 0xa9bf7bfd, 0x2f00e40f, 0xaa0003fa,   //
    0x910003fd, 0xd280004c, 0xa9bf33ff, 0xf940274a,   // ldr x10, [x26, #72]
    0xf900275f, 0xf940734b, 0xf100017f, 0xd2800050,   // str xzr, [x26, #72]
    0x9a9013eb, 0x54000041, 0xf900735d, 0xf9401b47,   //
    0xf9001b5f, 0xf9401748, 0xf900175f, 0xa9be1fe8,   // stp x8, x7, [sp, #-32]!
    0xa9012beb, 0x14000004, 0xf9003b40, 0xf9415f40};  // stp x11, x10, [sp, #16]

TEST_CASE("the entry stub gives the field and the slot") {
  EntryCode entry;
  REQUIRE(Read(kNode20, &entry));
  CHECK(entry.exit_frame_field == 0x100 + 0x80);
  CHECK(entry.saved_exit_slot == -24);
  std::vector<uint32_t> node24(kNode20.begin(), kNode20.begin() + 10);
  node24.insert(node24.end(), kRestOfNode24.begin(), kRestOfNode24.end());
  REQUIRE(Read(node24, &entry));
  CHECK(node24.size() * sizeof(uint32_t) <= kEntryCodeSize);
  CHECK(entry.exit_frame_field == 0x100 + 0x40);
  CHECK(entry.saved_exit_slot == -24);
  REQUIRE(Read(kNode26, &entry));
  CHECK(entry.exit_frame_field == 0x100 + 72);
  CHECK(entry.saved_exit_slot == -24);
}

TEST_CASE("an entry stub that ends too early is refused") {
  EntryCode entry;
  for (size_t count = 0; count < kNode26.size(); count++) {
    CAPTURE(count);
    const std::vector<uint32_t> beginning(kNode26.begin(),
                                          kNode26.begin() + static_cast<std::ptrdiff_t>(count));
    CHECK(Read(beginning, &entry) == (count >= 29));
  }
}

TEST_CASE("an unexpected entry stub is refused") {
  struct Change {
    size_t at;
    uint32_t instruction;
  };
  const Change changes[] = {
      {0, 0xd503237f},   // pacibsp: the return address is signed
      {9, 0xa9bf7bfb},   // stp x27, x30
      {11, 0xaa0103fa},  // mov x26, x1
      {12, 0x910043fd},  // add x29, sp, #16
      {15, 0xf940076a},  // ldr x10, [x27, #8]
      {16, 0xf9002b5f},  // str xzr, [x26, #80]: another field than was loaded
      {16, 0xf9002740},  // str x0, [x26, #72]: not cleared
      {18, 0xd2800050},  // a comparison is gone, as it may
      {19, 0xd280004a},  // mov x10, #2: the value is lost
      {20, 0xd10043ff},  // sub sp, sp, #16
      {21, 0xd503233f},  // paciasp
      {28, 0xa9012feb},  // stp x11, x11, [sp, #16]: the value is not stored
  };
  for (const Change& change : changes) {
    CAPTURE(change.at);
    CAPTURE(change.instruction);
    std::vector<uint32_t> code = kNode26;
    code[change.at] = change.instruction;
    EntryCode entry;
    CHECK(Read(code, &entry) == (change.at == 18));
  }
}

std::vector<uint8_t> Text(uint32_t first_field, uint32_t second_field) {
  std::vector<uint32_t> text(4, 0xd503201f);  // nop
  for (const uint32_t field : {first_field, second_field}) {
    text.push_back(0xf9400355 | field / 8 << 10);  // ldr x21, [x26, #field]
    // ldrb w23, [x20, x19]; lsl x1, x23, #3; ldr x2, [x21, x1]; blr x2
    for (const uint32_t each : {0x38736a97u, 0xd37df2e1u, 0xf8616aa2u, 0xd63f0040u, 0xd503201fu}) {
      text.push_back(each);
    }
  }
  return BytesOf(text);
}

TEST_CASE("two calls of handlers with one table are found") {
  HandlerCalls calls;
  const std::vector<uint8_t> text = Text(0x40, 0x40);
  REQUIRE(FindHandlerCalls(text.data(), text.size(), &calls));
  CHECK(calls.dispatch_table_field == 0x100 + 0x40);
  CHECK(calls.returns[0] == 16 + 20);
  CHECK(calls.returns[1] == 16 + 20 + 24);
}

TEST_CASE("text without calls of handlers, or with two tables, is refused") {
  HandlerCalls calls;
  const std::vector<uint8_t> none(64, 0);
  CHECK(!FindHandlerCalls(none.data(), none.size(), &calls));
  const std::vector<uint8_t> text = Text(0x40, 0x48);
  CHECK(!FindHandlerCalls(text.data(), text.size(), &calls));
}

}  // namespace
}  // namespace tracemalloc

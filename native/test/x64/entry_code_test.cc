// SPDX-License-Identifier: MIT
#include "layout/machine/entry_code.h"

#include <doctest/doctest.h>

#include <vector>

namespace tracemalloc {
namespace {

// push rbp; mov rbp, rsp; push 1; sub rsp, 16; push r12; push rbx; mov r13, rdi;
// push [r13 + 0x1234]; mov qword [r13 + 0x1234], 0
const std::vector<uint8_t> kEntry = {0x55, 0x48, 0x89, 0xe5, 0x6a, 0x01, 0x48, 0x83, 0xec,
                                     0x10, 0x41, 0x54, 0x53, 0x49, 0x89, 0xfd, 0x41, 0xff,
                                     0xb5, 0x34, 0x12, 0x00, 0x00, 0x49, 0xc7, 0x85, 0x34,
                                     0x12, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

TEST_CASE("the entry stub gives the field, and the slot from the pushes before it") {
  EntryCode entry;
  REQUIRE(ReadEntryCode(kEntry.data(), kEntry.size(), &entry));
  CHECK(entry.exit_frame_field == 0x80 + 0x1234);
  CHECK(entry.saved_exit_slot == -8 - 16 - 8 - 8 - 8);
}

TEST_CASE("an unexpected entry stub is refused") {
  EntryCode entry;
  for (size_t size = 0; size < 30; size++) {
    CAPTURE(size);
    CHECK(!ReadEntryCode(kEntry.data(), size, &entry));
  }
  for (const size_t at : {0u, 2u, 10u, 17u, 23u, 26u}) {
    CAPTURE(at);
    std::vector<uint8_t> changed = kEntry;
    changed[at] ^= 0x80;
    CHECK(!ReadEntryCode(changed.data(), changed.size(), &entry));
  }
}

std::vector<uint8_t> Text(int32_t first_field, int32_t second_field) {
  std::vector<uint8_t> text(16, 0x90);
  for (const int32_t field : {first_field, second_field}) {
    // mov r15, [r13 + field]; movzx r10d, byte [r12 + r9]; mov rcx, [r15 + r10*8]; call rcx
    const uint8_t low = static_cast<uint8_t>(field);
    const std::vector<uint8_t> call = {0x4d, 0x8b, 0xbd, low,  0x00, 0x00, 0x00, 0x47, 0x0f,
                                       0xb6, 0x14, 0x0c, 0x4b, 0x8b, 0x0c, 0xd7, 0xff, 0xd1};
    text.insert(text.end(), call.begin(), call.end());
    text.insert(text.end(), 5, 0x90);
  }
  return text;
}

TEST_CASE("two calls of handlers with one table are found") {
  HandlerCalls calls;
  const std::vector<uint8_t> text = Text(0x40, 0x40);
  REQUIRE(FindHandlerCalls(text.data(), text.size(), &calls));
  CHECK(calls.dispatch_table_field == 0x80 + 0x40);
  CHECK(calls.returns[0] == 16 + 18);
  CHECK(calls.returns[1] == 16 + 18 + 5 + 18);
}

TEST_CASE("text without calls of handlers, or with two tables, is refused") {
  HandlerCalls calls;
  const std::vector<uint8_t> none(64, 0x90);
  CHECK(!FindHandlerCalls(none.data(), none.size(), &calls));
  const std::vector<uint8_t> text = Text(0x40, 0x48);
  CHECK(!FindHandlerCalls(text.data(), text.size(), &calls));
}

}  // namespace
}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
// Frames in doubt become approximate, also for readers that received them as exact.
#include <doctest/doctest.h>

#include <cstring>

#include "core/tables.h"
#include "core/wire.h"

namespace tracemalloc {
namespace {

uint32_t Word(const std::vector<uint8_t>& bytes, size_t at) {
  uint32_t word = 0;
  REQUIRE(at + sizeof(word) <= bytes.size());
  std::memcpy(&word, bytes.data() + at, sizeof(word));
  return word;
}

TEST_CASE("doubt: JavaScript frames become approximate, our own labels do not") {
  FrameTable frames;
  bool is_new = false;
  const FrameId exact = frames.Intern({1, 2, 3, 0}, &is_new);
  const FrameId label = frames.Intern({0, 0, -1, kFrameNative}, &is_new);
  frames.DoubtAll();
  CHECK(frames.doubts() == 1);
  CHECK(frames.at(exact).flags() == kFrameApproximate);
  CHECK(frames.at(label).flags() == kFrameNative);
  const FrameId later = frames.Intern({1, 2, 4, 0}, &is_new);
  CHECK(frames.at(later).flags() == 0);
  CHECK(frames.Intern({1, 2, 3, 0}, &is_new) == exact);
}

TEST_CASE("doubt: the next batch is complete, the one after has only changes") {
  Tables tables;
  bool is_new = false;
  const FrameId frame = tables.frames.Intern({1, 2, 3, 0}, &is_new);
  tables.frames.Resolve(frame, {0, 0, 9, 1});
  WireWriter writer;
  writer.Write(&tables, 0);
  CHECK(Word(writer.Write(&tables, 1), 12) == 1);
  tables.frames.DoubtAll();
  const std::vector<uint8_t> anew = writer.Write(&tables, 2);
  CHECK(Word(anew, 12) == 0);
  CHECK(Word(anew, 32) == 1);
  CHECK(Word(anew, 88 + 20) == kFrameApproximate);
  CHECK(Word(writer.Write(&tables, 3), 12) == 3);
}

}  // namespace
}  // namespace tracemalloc

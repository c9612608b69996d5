// SPDX-License-Identifier: MIT
// Strings and frames: equal ones share an id, ids are dense and stay valid while tables grow.
#include <doctest/doctest.h>

#include <string>

#include "core/frame.h"
#include "core/string_table.h"

namespace tracemalloc {
namespace {

TEST_CASE("strings: id 0 is the empty string, equal texts share an id") {
  StringTable strings;
  CHECK(strings.size() == 1);
  CHECK(strings.Intern("") == 0);
  const StringId a = strings.Intern("a.js");
  CHECK(a == 1);
  CHECK(strings.Intern("b.js") == 2);
  CHECK(strings.Intern(std::string("a.") + "js") == a);
  CHECK(strings.at(a) == "a.js");
}

TEST_CASE("strings: a NUL and non-ASCII text are kept") {
  StringTable strings;
  const std::string odd("x\0y", 3);
  CHECK(strings.at(strings.Intern(odd)) == odd);
  CHECK(strings.Intern("x") != strings.Intern(odd));
  CHECK(strings.at(strings.Intern("größe/日本.js")) == "größe/日本.js");
}

TEST_CASE("strings: ids and texts survive growth; Clear removes all") {
  StringTable strings;
  for (int i = 0; i < 5000; i++) {
    REQUIRE(strings.Intern("file" + std::to_string(i)) == static_cast<StringId>(i + 1));
  }
  for (int i = 0; i < 5000; i++) {
    REQUIRE(strings.Intern("file" + std::to_string(i)) == static_cast<StringId>(i + 1));
    REQUIRE(strings.at(static_cast<StringId>(i + 1)) == "file" + std::to_string(i));
  }
  const size_t full = strings.MemoryUsage();
  strings.Clear();
  CHECK(strings.size() == 1);
  CHECK(strings.Intern("") == 0);
  CHECK(strings.Intern("file7") == 1);
  CHECK(strings.MemoryUsage() < full);
}

TEST_CASE("frames: every part of the key distinguishes frames") {
  FrameTable frames;
  const FrameKey keys[] = {{1, 2, 3, 0},
                           {9, 2, 3, 0},
                           {1, 9, 3, 0},
                           {1, 2, 9, 0},
                           {1, 2, 3, kFrameApproximate},
                           {0, 2, -1, kFrameNative}};
  FrameId next = 0;
  for (const FrameKey& key : keys) {
    bool is_new = false;
    CHECK(frames.Intern(key, &is_new) == next++);
    CHECK(is_new);
  }
  for (FrameId id = 0; id < next; id++) {
    bool is_new = true;
    CHECK(frames.Intern(keys[id], &is_new) == id);
    CHECK_FALSE(is_new);
    CHECK(frames.at(id).key == keys[id]);
  }
  CHECK(frames.size() == next);
}

TEST_CASE("frames: a resolution stays with its frame while the table grows") {
  FrameTable frames;
  bool is_new = false;
  for (int i = 0; i < 20000; i++) {
    const FrameId id = frames.Intern({i % 100, i / 100, i, 0}, &is_new);
    REQUIRE(is_new);
    REQUIRE_FALSE(frames.at(id).resolved);
    frames.Resolve(id, {static_cast<StringId>(i), 1, static_cast<uint32_t>(i + 1), 5});
  }
  for (int i = 0; i < 20000; i++) {
    const FrameId id = frames.Intern({i % 100, i / 100, i, 0}, &is_new);
    REQUIRE_FALSE(is_new);
    REQUIRE(frames.at(id).resolved);
    REQUIRE(frames.at(id).resolution.line == static_cast<uint32_t>(i + 1));
  }
  frames.Clear();
  CHECK(frames.size() == 0);
  CHECK(frames.Intern({5, 5, 5, 0}, &is_new) == 0);
  CHECK(is_new);
}

}  // namespace
}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
// The wire batch, compared byte by byte with a batch written by hand, and what a batch leaves out.
#include "core/wire.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

namespace tracemalloc {
namespace {

uint32_t Word(const std::vector<uint8_t>& bytes, size_t at) {
  uint32_t word = 0;
  REQUIRE(at + sizeof(word) <= bytes.size());
  std::memcpy(&word, bytes.data() + at, sizeof(word));
  return word;
}

uint32_t Checksum(const std::string& text) {
  return MurmurHash(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

// One site of two frames with one type.
void Fill(Tables* tables) {
  bool is_new = false;
  const StringId fn = tables->strings.Intern("f");
  const StringId file = tables->strings.Intern("a.js");
  const FrameId inner = tables->frames.Intern({7, 1, 30, kFrameApproximate}, &is_new);
  const FrameId outer = tables->frames.Intern({7, 2, 90, 0}, &is_new);
  tables->frames.Resolve(inner, {fn, file, 9, 3});
  tables->frames.Resolve(outer, {0, file, 20, 1});
  const FrameId stack[] = {inner, outer};
  const SiteId site = tables->sites.Intern(Domain::kBuffer, stack, 2, 5, 6);
  tables->sites.Add(site, 2.0, 1.0, 0.5);
  tables->sites.AddTyped(site, tables->strings.Intern("Array"), 2.0, 1.0);
}

TEST_CASE("MurmurHash3: known answers") {
  CHECK(Checksum("") == 0);
  CHECK(Checksum("test") == 0xBA6BD213u);
  CHECK(Checksum("Hello, world!") == 0xC0363E43u);
  CHECK(Checksum("The quick brown fox jumps over the lazy dog") == 0x2E4FF723u);
}

TEST_CASE("wire: golden bytes") {
  Tables tables;
  Fill(&tables);
  WireWriter writer;
  const std::vector<uint8_t> batch = writer.Write(&tables, 0);
  CHECK(tables.batch == 1);

  const std::vector<uint8_t> golden = {
      'T',
      'M',
      'B',
      '2',  // magic
      0x0A,
      0x01,
      0,
      0,  // byteLength: 266
      0,
      0,
      0,
      0,  // checksum, compared below
      0,
      0,
      0,
      0,
      1,
      0,
      0,
      0,  // baseSequence, sequence
      0,
      0,
      0,
      0,
      4,
      0,
      0,
      0,  // strings: first, count
      0,
      0,
      0,
      0,
      2,
      0,
      0,
      0,  // frames
      0,
      0,
      0,
      0,
      1,
      0,
      0,
      0,  // sites
      2,
      0,
      0,
      0,  // siteFrameCount
      1,
      0,
      0,
      0,
      1,
      0,
      0,
      0,  // counterCount, typedCount
      10,
      0,
      0,
      0,
      0,
      0,
      0,
      0,  // stringBytes, goneStrings
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,  // goneFrames, goneSites
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0x40,  // tracedCurrent: 2.0
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0x40,  // tracedPeak: 2.0
      0,
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      1,
      0,
      0,
      0,  // counters: site,
          // live, reserved,
          // typed
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0x40,  // liveSize: 2.0
      0,
      0,
      0,
      0,
      0,
      0,
      0xF0,
      0x3F,  // liveCount: 1.0
      0,
      0,
      0,
      0,
      0,
      0,
      0xE0,
      0x3F,  // liveVariance: 0.5
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0x40,  // allocatedSize: 2.0
      0,
      0,
      0,
      0,
      0,
      0,
      0xF0,
      0x3F,  // allocatedCount: 1.0
      3,
      0,
      0,
      0,
      0,
      0,
      0,
      0,  // typed: string 3, reserved
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0x40,  // liveSize: 2.0
      0,
      0,
      0,
      0,
      0,
      0,
      0xF0,
      0x3F,  // liveCount: 1.0
      1,
      0,
      0,
      0,
      2,
      0,
      0,
      0,
      9,
      0,
      0,
      0,
      3,
      0,
      0,
      0,
      7,
      0,
      0,
      0,
      1,
      0,
      0,
      0,  // frame 0
      0,
      0,
      0,
      0,
      2,
      0,
      0,
      0,
      20,
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      7,
      0,
      0,
      0,
      0,
      0,
      0,
      0,  // frame 1
      1,
      0,
      0,
      0,
      2,
      0,
      0,
      0,
      5,
      0,
      0,
      0,
      6,
      0,
      0,
      0,  // site: buffer, 2
          // of 5 frames,
          // labels
      0,
      0,
      0,
      0,
      1,
      0,
      0,
      0,  // siteFrames: innermost first
      0,
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      5,
      0,
      0,
      0,
      10,
      0,
      0,
      0,  // stringEnds
      'f',
      'a',
      '.',
      'j',
      's',
      'A',
      'r',
      'r',
      'a',
      'y',
  };
  std::vector<uint8_t> without_checksum = batch;
  std::memset(without_checksum.data() + 8, 0, 4);
  CHECK(without_checksum == golden);
  CHECK(Word(batch, 4) == batch.size());
  CHECK(Word(batch, 8) == MurmurHash(golden.data() + 12, golden.size() - 12));
}

TEST_CASE("wire: the batch of an empty tracer has a header and the empty string") {
  Tables tables;
  WireWriter writer;
  const std::vector<uint8_t> batch = writer.Write(&tables, 0);
  CHECK(batch.size() == 92);
  CHECK(Word(batch, 24) == 1);
}

TEST_CASE("wire: a second batch has only the changes") {
  Tables tables;
  Fill(&tables);
  WireWriter writer;
  writer.Write(&tables, 0);

  const std::vector<uint8_t> nothing = writer.Write(&tables, 1);
  CHECK(nothing.size() == 88);
  CHECK(Word(nothing, 12) == 1);
  CHECK(Word(nothing, 16) == 2);

  tables.sites.Add(0, 3.0, 1.0, 0);
  const std::vector<uint8_t> grown = writer.Write(&tables, 2);
  CHECK(grown.size() == 88 + 56 + 24);
  CHECK(Word(grown, 20) == 4);
  CHECK(Word(grown, 24) == 0);
  CHECK(Word(grown, 48) == 1);

  bool is_new = false;
  const FrameId frame = tables.frames.Intern({8, 1, 0, 0}, &is_new);
  tables.frames.Resolve(frame, {tables.strings.Intern("g"), 0, 1, 1});
  tables.sites.Add(tables.sites.Intern(Domain::kHeap, &frame, 1, 1), 8, 1, 0);
  const std::vector<uint8_t> added = writer.Write(&tables, 3);
  CHECK(added.size() == 88 + 56 + 24 + 16 + 4 + 4 + 1);
  CHECK(Word(added, 28) == 2);
  CHECK(Word(added, 36) == 1);
  CHECK(Word(added, 88) == 1);
}

TEST_CASE("wire: a reader that lost a batch gets a complete one") {
  Tables tables;
  Fill(&tables);
  WireWriter writer;
  const size_t whole = writer.Write(&tables, 0).size();
  writer.Write(&tables, 1);
  for (uint32_t acknowledged : {0u, 1u, 77u}) {
    const std::vector<uint8_t> batch = writer.Write(&tables, acknowledged);
    CHECK(batch.size() == whole);
    CHECK(Word(batch, 12) == 0);
    CHECK(Word(batch, 20) == 0);
  }
}

TEST_CASE("wire: after Reset the acknowledged batch is no longer a base") {
  Tables tables;
  Fill(&tables);
  WireWriter writer;
  writer.Write(&tables, 0);
  tables.Clear();
  writer.Reset();
  const std::vector<uint8_t> batch = writer.Write(&tables, 1);
  CHECK(Word(batch, 12) == 0);
  CHECK(Word(batch, 16) == 3);
  CHECK(Word(batch, 40) == 0);
}

// One site per number, with its own frame and file.
SiteId AddSite(Tables* tables, int32_t number) {
  bool is_new = false;
  const FrameId frame = tables->frames.Intern({number, 1, 0, 0}, &is_new);
  tables->frames.Resolve(frame, {0, tables->strings.Intern(std::to_string(number)), 1, 1});
  return tables->sites.Intern(Domain::kHeap, &frame, 1, 1);
}

// Removes the entries with these ids, one in each table.
void GiveBack(Tables* tables, WireWriter* writer, const std::vector<uint32_t>& numbers) {
  std::vector<bool> kept(tables->sites.size(), true);
  for (const uint32_t number : numbers) kept[number] = false;
  std::vector<bool> strings(kept);
  strings.insert(strings.begin(), true);  // the empty one
  const Renumbering ids{NumberKept(kept), NumberKept(kept), NumberKept(strings)};
  tables->sites.Renumber(ids);
  tables->frames.Renumber(ids.frames, ids.strings);
  tables->strings.Renumber(ids.strings);
  writer->Renumber(ids);
}

std::vector<uint32_t> Words(const std::vector<uint8_t>& bytes, size_t at, size_t count) {
  std::vector<uint32_t> words;
  for (size_t i = 0; i < count; i++) words.push_back(Word(bytes, at + i * 4));
  return words;
}

TEST_CASE("wire: removed entries are sent once, by the ids that the reader knows") {
  Tables tables;
  WireWriter writer;
  for (int32_t i = 0; i < 6; i++) tables.sites.Add(AddSite(&tables, i), 1, 1, 0);
  writer.Write(&tables, 0);
  // Removes twice between two batches, including an entry that the reader has never received.
  GiveBack(&tables, &writer, {1, 4});
  tables.sites.Add(AddSite(&tables, 6), 1, 1, 0);
  GiveBack(&tables, &writer, {1, 4});  // the reader's 2, and the new one
  CHECK(writer.sites().Of(1) == 3);
  CHECK(writer.sites().Of(3) == kGone);
  const SiteId added = AddSite(&tables, 7);
  CHECK(added == 3);
  tables.sites.Add(added, 9, 1, 0);

  const std::vector<uint8_t> batch = writer.Write(&tables, 1);
  CHECK(Words(batch, 20, 6) == std::vector<uint32_t>{4, 1, 3, 1, 3, 1});
  CHECK(Words(batch, 60, 3) == std::vector<uint32_t>{3, 3, 3});
  CHECK(Word(batch, 48) == 1);  // counters of the new one only
  CHECK(Word(batch, 88) == 3);
  CHECK(Words(batch, 88 + 56, 9) == std::vector<uint32_t>{2, 3, 5, 1, 2, 4, 1, 2, 4});
  CHECK(writer.sites().count() == 4);
  CHECK(writer.sites().Of(3) == 3);

  const std::vector<uint8_t> nothing = writer.Write(&tables, 2);
  CHECK(nothing.size() == 88);
}

TEST_CASE("wire: a complete batch lists no removed entries") {
  Tables tables;
  WireWriter writer;
  for (int32_t i = 0; i < 4; i++) tables.sites.Add(AddSite(&tables, i), 1, 1, 0);
  writer.Write(&tables, 0);
  GiveBack(&tables, &writer, {0, 2});
  const std::vector<uint8_t> batch = writer.Write(&tables, 77);
  CHECK(Word(batch, 12) == 0);
  CHECK(Words(batch, 20, 6) == std::vector<uint32_t>{0, 3, 0, 2, 0, 2});
  CHECK(Words(batch, 60, 3) == std::vector<uint32_t>{0, 0, 0});
  CHECK(Word(batch, 48) == 2);
}

}  // namespace
}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
// Ranking of the lines for a last report.
#include "report/site_ranking.h"

#include <doctest/doctest.h>

#include <string>

namespace tracemalloc {
namespace {

struct Heap {
  Tables tables;

  FrameId Frame(const std::string& file, uint32_t line, uint32_t column = 1) {
    bool is_new = false;
    const StringId name = tables.strings.Intern(file);
    const FrameId id = tables.frames.Intern(
        {static_cast<int32_t>(name), 1, static_cast<int32_t>(line * 100 + column), 0}, &is_new);
    tables.frames.Resolve(id, {0, name, line, column});
    return id;
  }
  FrameId Label() {
    bool is_new = false;
    const FrameId id = tables.frames.Intern({0, 0, -1, kFrameNative}, &is_new);
    tables.frames.Resolve(id, {tables.strings.Intern("push"), 0, 0, 0});
    return id;
  }
  void Live(std::initializer_list<FrameId> stack, double size, Domain domain = Domain::kHeap) {
    const SiteId site =
        tables.sites.Intern(domain, stack.begin(), static_cast<uint32_t>(stack.size()), 0);
    tables.sites.Add(site, size, 1, 4);
  }
};

TEST_CASE("lines of the application are summed over columns and stacks, largest first") {
  Heap heap;
  const FrameId main = heap.Frame("/app/main.js", 1);
  const FrameId line_a = heap.Frame("/app/a.js", 5, 3);
  const FrameId same_line = heap.Frame("/app/a.js", 5, 30);
  heap.Live({heap.Label(), line_a, main}, 10);
  heap.Live({same_line, main}, 20);
  heap.Live({heap.Frame("node:fs", 7), heap.Frame("/app/b.js", 2)}, 25);
  heap.Live({heap.Frame("node:net", 9)}, 5);
  SiteRanking ranking;
  const std::vector<RankedLine>& rows = ranking.Rank(heap.tables, "", 10);
  REQUIRE(rows.size() == 3);
  CHECK(heap.tables.frames.at(rows[0].frame).resolution.line == 5);
  CHECK(rows[0].size == 30);
  CHECK(rows[0].count == 2);
  CHECK(rows[0].variance == 8);
  CHECK(rows[0].samples == 2);
  CHECK(rows[1].size == 25);
  CHECK(heap.tables.frames.at(rows[2].frame).resolution.line == 9);
  CHECK(ranking.Rank(heap.tables, "", 1).size() == 1);
}

TEST_CASE("the user's own line is charged for its dependencies, if it is on the stack") {
  Heap heap;
  const FrameId log = heap.Frame("/app/node_modules/log/index.js", 3);
  const FrameId template_text = heap.Frame("evalmachine.<anonymous>", 8);
  const FrameId app = heap.Frame("/app/my_node_modules/a.js", 1);
  heap.Live({heap.Frame("node:fs", 7), log, template_text, app, heap.Frame("node:net", 1)}, 30);
  heap.Live(
      {heap.Frame("node:fs", 7), heap.Frame("file:///my_node_modules/app/node_modules/b/c.js", 9)},
      20);
  SiteRanking ranking;
  const std::vector<RankedLine>& rows = ranking.Rank(heap.tables, "", 10);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].frame == app);
  CHECK(heap.tables.frames.at(rows[1].frame).resolution.line == 9);
}

TEST_CASE("the tracker's allocations are left out, those of code that it called are not") {
  Heap heap;
  const FrameId own = heap.Frame("/tracker/dist/mirror/wire.js", 3);
  const FrameId app = heap.Frame("/app/a.js", 1);
  heap.Live({heap.Label(), own, app}, 30);
  heap.Live({heap.Label(), app, own}, 20);
  SiteRanking ranking;
  const std::vector<RankedLine>& rows = ranking.Rank(heap.tables, "/tracker/dist/", 10);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].size == 20);
}

TEST_CASE("only the heap is ranked, since the heap's limit was reached") {
  Heap heap;
  const FrameId line = heap.Frame("/app/a.js", 1);
  heap.Live({line}, 30);
  heap.Live({line}, 200, Domain::kBuffer);
  SiteRanking ranking;
  const std::vector<RankedLine>& rows = ranking.Rank(heap.tables, "", 10);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].domain == Domain::kHeap);
  CHECK(rows[0].size == 30);
}

TEST_CASE("dead sites are in no row") {
  Heap heap;
  heap.Live({heap.Frame("/app/a.js", 1)}, 10);
  heap.tables.sites.Remove(0, 10, 1, 4);
  SiteRanking ranking;
  CHECK(ranking.Rank(heap.tables, "", 10).empty());
}

TEST_CASE("if there are more sites than room, the largest stay, and no memory is allocated") {
  Heap heap;
  for (uint32_t line = 1; line <= 1000; line++) heap.Live({heap.Frame("/app/a.js", line)}, line);
  SiteRanking ranking(16);
  const std::vector<RankedLine>& rows = ranking.Rank(heap.tables, "", 3);
  REQUIRE(rows.size() == 3);
  CHECK(rows.capacity() == 16);
  for (int i = 0; i < 3; i++) CHECK(rows[i].size == 1000 - i);
}

}  // namespace
}  // namespace tracemalloc

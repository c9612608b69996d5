// SPDX-License-Identifier: MIT
// Live samples: addresses are stable, lead to the owner, and memory shrinks again.
#include "core/sample_table.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <vector>

namespace tracemalloc {
namespace {

// Counts the handles that exist.
class Handle {
 public:
  explicit Handle(int* held) : held_(held) { ++*held_; }
  Handle(Handle&& other) : held_(other.held_) { other.held_ = nullptr; }
  ~Handle() {
    if (held_ != nullptr) --*held_;
  }

 private:
  int* held_;
};

using Table = SampleTable<Handle>;

Table::Record* New(Table* table, int* held, SiteId site) {
  return table->New({1.5, Handle(held), site, 0, 1, 0, 1, 0, 0, 0, false, false});
}

TEST_CASE("samples: records keep address and content, and lead to their owner") {
  int owner = 0, held = 0;
  Table table(&owner);
  std::vector<Table::Record*> records;
  for (SiteId i = 0; i < 5000; i++) records.push_back(New(&table, &held, i));
  CHECK(table.size() == 5000);
  CHECK(held == 5000);
  for (SiteId i = 0; i < 5000; i++) {
    REQUIRE(records[i]->site == i);
    REQUIRE(records[i]->size == 1.5);
    REQUIRE(Table::OwnerOf(records[i]) == &owner);
  }
}

TEST_CASE("samples: memory shrinks with the live ones, and handles are released") {
  int held = 0;
  Table table(nullptr);
  std::vector<Table::Record*> records;
  for (SiteId i = 0; i < 100000; i++) records.push_back(New(&table, &held, i));
  const size_t full = table.MemoryUsage();
  CHECK(full < 100000 * 64);
  for (size_t i = 100; i < records.size(); i++) table.Free(records[i]);
  CHECK(held == 100);
  CHECK(table.MemoryUsage() < full / 100);
  table.Clear();
  CHECK(held == 0);
  CHECK(table.MemoryUsage() == 0);
  CHECK(New(&table, &held, 7)->site == 7);
}

TEST_CASE("samples: births and deaths may be in any order") {
  int held = 0;
  Table table(nullptr);
  std::map<SiteId, Table::Record*> expected;
  std::mt19937 random(7);
  for (SiteId next = 0; next < 200000; next++) {
    const bool is_growing = (next / 20000) % 2 == 0;
    if (expected.empty() || random() % 10 < (is_growing ? 7 : 3)) {
      expected[next] = New(&table, &held, next);
    } else {
      auto it = expected.lower_bound(random() % next);
      if (it == expected.end()) it = expected.begin();
      REQUIRE(it->second->site == it->first);
      table.Free(it->second);
      expected.erase(it);
    }
  }
  size_t seen = 0;
  table.ForEach([&](Table::Record* record) {
    seen++;
    REQUIRE(expected.at(record->site) == record);
  });
  CHECK(seen == expected.size());
  CHECK(table.size() == expected.size());
  CHECK(held == static_cast<int>(expected.size()));
}

TEST_CASE("samples: births and deaths may happen during a visit of all") {
  int held = 0;
  Table table(nullptr);
  std::vector<Table::Record*> records;
  for (SiteId i = 0; i < 20000; i++) records.push_back(New(&table, &held, i));
  std::vector<bool> is_dead(20000);
  size_t visits = 0;
  table.ForEach([&](Table::Record* record) {
    visits++;
    if (record->site >= 20000) return;
    // Removes this record, and the one at the opposite end.
    const SiteId other = 19999 - record->site;
    for (SiteId site : {other, record->site}) {
      if (is_dead[site]) continue;
      is_dead[site] = true;
      table.Free(records[site]);
    }
    if (visits % 8 == 0) New(&table, &held, 20000);
  });
  CHECK(visits >= 10000);
  table.ForEach([&](Table::Record* record) { REQUIRE(record->site == 20000); });
  CHECK(held == static_cast<int>(table.size()));
}

}  // namespace
}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
// Sampled blocks: they are found by address and die once, whichever thread frees them.
#include "core/block_records.h"

#include <doctest/doctest.h>

#include <atomic>
#include <random>
#include <thread>
#include <unordered_map>
#include <vector>

namespace tracemalloc {
namespace {

const void* At(uintptr_t n) { return reinterpret_cast<const void*>(n * 16); }

BlockRecords::Birth BirthAt(SiteId site) { return {static_cast<double>(site), site, 1, 0, 0, 0}; }

std::vector<SiteId> Deaths(BlockRecords* records) {
  std::vector<SiteId> sites;
  records->TakeDeaths([&](const BlockRecords::Birth& birth) { sites.push_back(birth.site); });
  return sites;
}

}  // namespace

TEST_CASE("records equal a map through a random history") {
  auto records = std::make_unique<BlockRecords>();
  std::unordered_map<uintptr_t, SiteId> model;
  std::mt19937 random(7);
  uint32_t dead = 0, counted = 0;
  for (SiteId i = 1; i < 200000; i++) {
    const uintptr_t n = random() % 5000 + 1;
    const auto it = model.find(n);
    BlockRecords::Birth birth;
    const bool found = records->Find(At(n), &birth);
    REQUIRE(found == (it != model.end()));
    if (found) REQUIRE(birth.site == it->second);
    if (it == model.end()) {
      REQUIRE(records->Add(At(n), n, BirthAt(i)));
      REQUIRE(records->MayHold(At(n)));
      model[n] = i;
    } else {
      records->Die(At(n), n);
      model.erase(it);
      dead++;
    }
    if (i % 1000 == 0) counted += Deaths(records.get()).size();
  }
  CHECK(counted + Deaths(records.get()).size() == dead);
  CHECK(records->size() == model.size());
  CHECK(records->wrong_sizes() == 0);
  CHECK(records->missed_deaths() == 0);
  records->Clear();
  CHECK(records->size() == 0);
  for (uintptr_t n = 1; n <= 5000; n++) REQUIRE(!records->MayHold(At(n)));
}

TEST_CASE("a visitor changes births, and forgets blocks as if they had never been recorded") {
  auto records = std::make_unique<BlockRecords>();
  for (uintptr_t n = 1; n <= 3000; n++) REQUIRE(records->Add(At(n), n, BirthAt(1)));
  records->ForEach([](size_t bytes, BlockRecords::Birth* birth) {
    birth->size = static_cast<double>(bytes) * 2;
    return bytes % 3 == 0;
  });
  CHECK(records->size() == 1000);
  for (uintptr_t n = 1; n <= 3000; n++) {
    BlockRecords::Birth birth;
    REQUIRE(records->Find(At(n), &birth) == (n % 3 == 0));
    if (n % 3 == 0) REQUIRE(birth.size == static_cast<double>(n) * 2);
    records->Die(At(n), n);
  }
  CHECK(Deaths(records.get()).size() == 1000);
  CHECK(records->wrong_sizes() == 0);
  CHECK(!records->MayHold(At(3)));
}

TEST_CASE("a slot of the filter may have more blocks than it can count") {
  auto records = std::make_unique<BlockRecords>();
  const auto slot = [](uintptr_t n) { return (n * 0x9E3779B97F4A7C15ull) >> 50; };
  std::vector<uintptr_t> same;
  for (uintptr_t n = 1; same.size() < 600; n++) {
    if (slot(n) == slot(1)) same.push_back(n);
  }
  for (const uintptr_t n : same) REQUIRE(records->Add(At(n), n, BirthAt(1)));
  for (size_t i = 1; i < same.size(); i++) records->Die(At(same[i]), same[i]);
  BlockRecords::Birth birth;
  CHECK(records->Find(At(1), &birth));
  CHECK(records->size() == 1);
  records->Clear();
  CHECK(!records->MayHold(At(1)));
}

TEST_CASE("impossible events are counted: a wrong size, a second birth") {
  auto records = std::make_unique<BlockRecords>();
  records->Die(At(1), 10);  // never seen
  CHECK(Deaths(records.get()).empty());
  REQUIRE(records->Add(At(1), 10, BirthAt(5)));
  records->Die(At(1), 11);
  CHECK(records->wrong_sizes() == 1);
  REQUIRE(records->Add(At(2), 10, BirthAt(6)));
  REQUIRE(records->Add(At(2), 10, BirthAt(7)));
  CHECK(records->missed_deaths() == 1);
  CHECK(Deaths(records.get()) == std::vector<SiteId>{6, 5});
  CHECK(records->size() == 1);
}

TEST_CASE("frees on other threads are each counted once") {
  auto records = std::make_unique<BlockRecords>();
  constexpr uintptr_t kBlocks = 20000;
  constexpr uintptr_t kThreads = 4;
  for (uintptr_t n = 1; n <= kBlocks; n++) REQUIRE(records->Add(At(n), n, BirthAt(1)));
  std::vector<std::thread> threads;
  for (uintptr_t t = 0; t < kThreads; t++) {
    threads.emplace_back([&records, t] {
      for (uintptr_t n = 1 + t; n <= kBlocks; n += kThreads) {
        if (records->MayHold(At(n))) records->Die(At(n), n);
      }
    });
  }
  size_t counted = 0;
  while (records->size() > 0) counted += Deaths(records.get()).size();
  for (std::thread& thread : threads) thread.join();
  CHECK(counted + Deaths(records.get()).size() == kBlocks);
}

TEST_CASE("cleared records are never returned, even if they die meanwhile") {
  auto records = std::make_unique<BlockRecords>();
  constexpr uintptr_t kBlocks = 100;
  constexpr SiteId kSessions = 5000;
  std::atomic<bool> is_over{false};
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 2; seed++) {
    threads.emplace_back([&records, &is_over, seed] {
      std::mt19937 random(seed);
      while (!is_over) {
        const uintptr_t n = random() % kBlocks + 1;
        if (records->MayHold(At(n))) records->Die(At(n), n);
      }
    });
  }
  // Each session has its own site.
  size_t own = 0, foreign = 0;
  const auto count = [&](SiteId session) {
    for (const SiteId site : Deaths(records.get())) (site == session ? own : foreign)++;
  };
  for (SiteId session = 1; session <= kSessions; session++) {
    for (uintptr_t n = 1; n <= kBlocks; n++) {
      REQUIRE(records->Add(At(n), n, BirthAt(session)));
      if (n % 25 == 0) count(session);
    }
    records->Clear();
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(own > 0);
  CHECK(foreign == 0);
  CHECK(Deaths(records.get()).empty());
  CHECK(records->size() == 0);
}

}  // namespace tracemalloc

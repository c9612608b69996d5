// SPDX-License-Identifier: MIT
// Tables remove sites without live memory: how many stay, that sums stay the same, and that every
// id still has its meaning.
#include "core/reclaim.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "core/block_records.h"
#include "core/sampler.h"

namespace tracemalloc {
namespace {

// A program that compiles scripts, each with its own function and site.
class Program {
 public:
  Tables tables;

  FrameId Frame(int32_t script, const std::string& file) {
    bool is_new = false;
    const FrameId frame = tables.frames.Intern({script, 1, 10, 0}, &is_new);
    if (is_new && !file.empty()) {
      tables.frames.Resolve(frame, {tables.strings.Intern("render" + std::to_string(script)),
                                    tables.strings.Intern(file), 1, 2});
    }
    return frame;
  }
  SiteId Site(int32_t script, const std::string& file, Domain domain = Domain::kHeap) {
    const FrameId frames[] = {Frame(script, file), Frame(0, "/app/caller.js")};
    return tables.sites.Intern(domain, frames, 2, 2);
  }
  void BeBornAndDie(SiteId site, double size) {
    tables.sites.Add(site, size, 2, 3);
    tables.sites.Remove(site, size, 2, 3);
  }
  // Sweeps without holders.
  void Run() { Reclaim(&tables, {}); }

  struct Sums {
    double live = 0, allocated_size = 0, allocated_count = 0;
    uint64_t allocated_samples = 0;
    bool operator==(const Sums& o) const {
      return live == o.live && allocated_size == o.allocated_size &&
             allocated_count == o.allocated_count && allocated_samples == o.allocated_samples;
    }
  };
  Sums Sum() const {
    Sums sums;
    for (SiteId id = 0; id < tables.sites.size(); id++) {
      const SiteCounters& c = tables.sites.at(id).counters;
      sums.live += c.live_size;
      sums.allocated_size += c.allocated_size;
      sums.allocated_count += c.allocated_count;
      sums.allocated_samples += c.allocated_samples;
    }
    return sums;
  }
  // The rests' totals by their text in reports.
  std::map<std::string, double> Rests() const {
    std::map<std::string, double> rests;
    for (SiteId id = 0; id < tables.sites.size(); id++) {
      const tracemalloc::Site& site = tables.sites.at(id);
      if (!site.is_rest) continue;
      REQUIRE(site.frame_count == 1);
      const ResolvedFrame& at = tables.frames.at(tables.sites.frames(site)[0]).resolution;
      rests[tables.strings.at(at.function_name) + "@" + tables.strings.at(at.filename)] +=
          site.counters.allocated_size;
    }
    return rests;
  }
};

TEST_CASE("reclaim: nothing is due while dead sites are within the limit") {
  Program program;
  for (uint32_t i = 0; i < kSpareSites; i++) {
    program.BeBornAndDie(program.Site(static_cast<int32_t>(i) + 1, ""), 8);
  }
  CHECK(WhenToReclaim(program.tables) == ReclaimDue::kNo);
  program.BeBornAndDie(program.Site(1 << 20, ""), 8);
  CHECK(WhenToReclaim(program.tables) == ReclaimDue::kSoon);
}

TEST_CASE("reclaim: there may be as many dead sites as live ones") {
  Program program;
  for (uint32_t i = 0; i < 3 * kSpareSites; i++) {
    program.tables.sites.Add(program.Site(static_cast<int32_t>(i) + 1, "a.js"), 8, 1, 0);
  }
  program.Run();  // for frames and strings, of which none are removed
  CHECK(program.tables.sites.size() == 3 * kSpareSites);
  for (uint32_t i = 0; i < 3 * kSpareSites; i++) {
    program.BeBornAndDie(program.Site(-1 - static_cast<int32_t>(i), "a.js"), 8);
  }
  CHECK(WhenToReclaim(program.tables) == ReclaimDue::kNo);
  program.BeBornAndDie(program.Site(1 << 20, "a.js"), 8);
  REQUIRE(WhenToReclaim(program.tables) != ReclaimDue::kNo);
  program.Run();
  CHECK(program.tables.sites.live_sites() == 3 * kSpareSites);
  CHECK(program.tables.sites.size() == 3 * kSpareSites + 3 * kSpareSites / 2 + 1);
}

TEST_CASE("reclaim: tables are bounded over many generations, and no sum is lost") {
  Program program;
  constexpr int32_t kScripts = 200000;
  // Sizes are integers, so that sums are equal in any order.
  double allocated = 0;
  size_t most_sites = 0, most_memory = 0, memory_at_half = 0;
  std::vector<SiteId> living;
  for (int32_t i = 1; i <= kScripts; i++) {
    const Domain domain = i % 10 == 0 ? Domain::kBuffer : Domain::kHeap;
    // Every fourth script has no name yet, as if there had been no snapshot since.
    const std::string file = i % 4 == 0 ? "" : "/srv/" + std::to_string(i) + ".js";
    program.BeBornAndDie(program.Site(i, file, domain), i);
    allocated += i;
    if (WhenToReclaim(program.tables) != ReclaimDue::kNo) program.Run();
    most_sites = std::max<size_t>(most_sites, program.tables.sites.size());
    most_memory = std::max(most_memory, program.tables.MemoryUsage());
    if (i == kScripts / 2) memory_at_half = most_memory;
  }
  CHECK(most_sites <= kSpareSites + 3);
  CHECK(most_memory < memory_at_half + memory_at_half / 20);  // longer names
  CHECK(most_memory < (4u << 20));
  CHECK(program.tables.given_back > kScripts - kSpareSites);
  const Program::Sums sums = program.Sum();
  CHECK(sums.allocated_size == allocated);
  CHECK(sums.allocated_count == 2.0 * kScripts);
  CHECK(sums.allocated_samples == kScripts);
  CHECK(sums.live == 0);
  CHECK(program.tables.strings.size() < 3 * kSpareSites);
  CHECK(program.tables.frames.size() < 2 * kSpareSites);
}

TEST_CASE("reclaim: totals go to the file's rest while the file has sites, then to the domain's") {
  Program program;
  const SiteId live = program.Site(1, "template.js");
  program.tables.sites.Add(live, 5, 1, 0);
  for (int32_t i = 2; i < 2 + static_cast<int32_t>(kSpareSites); i++) {
    program.BeBornAndDie(program.Site(i, "template.js"), 10);
    program.BeBornAndDie(program.Site(100000 + i, "/srv/" + std::to_string(i)), 100);
    program.BeBornAndDie(program.Site(200000 + i, "", Domain::kBuffer), 1000);
  }
  const Program::Sums before = program.Sum();
  program.Run();
  CHECK(program.Sum() == before);
  std::map<std::string, double> rests = program.Rests();
  const double of_file = rests["(no longer live)@template.js"];
  const double of_domains = rests["@(no longer live)"];
  CHECK(rests.size() == 2);
  CHECK(of_file > 0);
  // At least two thirds of half of the spare sites are in the domains' rests.
  CHECK(of_domains > 500.0 * kSpareSites);
  CHECK(program.tables.sites.at(0).counters.live_size == 5);

  // Now the file has no site.
  program.tables.sites.Remove(0, 5, 1, 0);
  for (int32_t i = 0; i < 3 * static_cast<int32_t>(kSpareSites); i++) {
    program.BeBornAndDie(program.Site(300000 + i, "/srv/x" + std::to_string(i)), 1);
  }
  const Program::Sums later = program.Sum();
  program.Run();
  CHECK(program.Sum() == later);
  rests = program.Rests();
  CHECK(rests.size() == 1);
  CHECK(rests["@(no longer live)"] > of_domains + of_file);
}

TEST_CASE("reclaim: of dead sites, recurring ones stay first, then the last sampled") {
  Program program;
  const SiteId recurring = program.Site(1, "a.js");
  program.BeBornAndDie(recurring, 1);
  program.BeBornAndDie(recurring, 1);
  const SiteId once = program.Site(2, "a.js");
  program.BeBornAndDie(once, 1);
  const auto count = static_cast<int32_t>(2 * kSpareSites);
  for (int32_t i = 3; i < count; i++) program.BeBornAndDie(program.Site(i, "a.js"), 1);
  program.Run();
  std::vector<int32_t> scripts;
  for (SiteId id = 0; id < program.tables.sites.size(); id++) {
    const Site& site = program.tables.sites.at(id);
    if (!site.is_rest) {
      scripts.push_back(
          program.tables.frames.at(program.tables.sites.frames(site)[0]).key.script_id);
    }
  }
  REQUIRE(scripts.size() == kSpareSites / 2);
  CHECK(scripts.front() == 1);
  CHECK(scripts[1] == count - static_cast<int32_t>(kSpareSites) / 2 + 1);
  CHECK(scripts.back() == count - 1);
}

TEST_CASE("reclaim: known tracebacks are found again, removed ones are new") {
  Program program;
  const auto count = static_cast<int32_t>(4 * kSpareSites);
  for (int32_t i = 1; i < count; i++) {
    const SiteId site = program.Site(i, "f" + std::to_string(i) + ".js");
    if (i % 5 == 0) {
      program.tables.sites.Add(site, i, 1, 0);
      program.tables.sites.AddTyped(site, program.tables.strings.Intern("T" + std::to_string(i)), i,
                                    1);
    } else {
      program.BeBornAndDie(site, i);
    }
  }
  program.Run();
  const uint32_t size = program.tables.sites.size();
  for (int32_t i = 5; i < count; i += 5) {
    const SiteId id = program.Site(i, "");
    REQUIRE(id < size);
    const Site& site = program.tables.sites.at(id);
    REQUIRE(site.counters.live_size == i);
    REQUIRE(site.types.size() == 1);
    REQUIRE(program.tables.strings.at(site.types[0].type) == "T" + std::to_string(i));
    const FrameTable::Entry& frame = program.tables.frames.at(program.tables.sites.frames(site)[0]);
    REQUIRE(frame.key.script_id == i);
    REQUIRE(program.tables.strings.at(frame.resolution.filename) ==
            "f" + std::to_string(i) + ".js");
    REQUIRE(program.tables.strings.at(frame.resolution.function_name) ==
            "render" + std::to_string(i));
  }
  CHECK(program.tables.sites.size() == size);
  CHECK(program.Site(1, "f1.js") == size);
  CHECK(program.tables.sites.at(size).counters.allocated_size == 0);
}

// Holds ids, as samples do.
struct Holder : IdHolder {
  std::vector<SiteId> sites;
  std::vector<FrameId> frames;
  std::vector<StringId> strings;
  void MarkFrames(std::vector<bool>* kept) override {
    for (const FrameId id : frames) (*kept)[id] = true;
  }
  void MarkStrings(const std::vector<bool>&, std::vector<bool>* kept) override {
    for (const StringId id : strings) (*kept)[id] = true;
  }
  void Renumber(const Renumbering& ids) noexcept override {
    for (SiteId& id : sites) id = ids.sites[id];
    for (FrameId& id : frames) id = ids.frames[id];
    for (StringId& id : strings) id = ids.strings[id];
  }
};

TEST_CASE("reclaim: with random births and deaths, samples find their sites, and sums are exact") {
  Program program;
  Sampler random(1024, 11);
  struct Sample {
    int32_t script;
    double size;
  };
  Holder holder;
  std::vector<Sample> alive;
  std::map<int32_t, double> live_of;
  double live = 0, allocated = 0;
  for (int32_t i = 1; i < 60000; i++) {
    const double size = std::floor(random.NextUniform() * 1000) + 1;
    // Some scripts recur.
    const int32_t script = random.NextUniform() < 0.3 ? i % 97 + 1 : i + 1000;
    const SiteId site = program.Site(script, script % 2 == 0 ? "even.js" : "");
    program.tables.sites.Add(site, size, 1, 0);
    holder.sites.push_back(site);
    alive.push_back({script, size});
    live_of[script] += size;
    live += size;
    allocated += size;
    while (alive.size() > 500) {
      const size_t at =
          static_cast<size_t>((1 - random.NextUniform()) * static_cast<double>(alive.size()));
      program.tables.sites.Remove(holder.sites[at], alive[at].size, 1, 0);
      live_of[alive[at].script] -= alive[at].size;
      live -= alive[at].size;
      alive.erase(alive.begin() + static_cast<ptrdiff_t>(at));
      holder.sites.erase(holder.sites.begin() + static_cast<ptrdiff_t>(at));
    }
    if (WhenToReclaim(program.tables) == ReclaimDue::kNo) continue;
    Reclaim(&program.tables, {&holder});
    for (size_t at = 0; at < alive.size(); at++) {
      const Site& own = program.tables.sites.at(holder.sites[at]);
      REQUIRE(own.counters.live_size == live_of[alive[at].script]);
    }
    REQUIRE(program.Sum().allocated_size == allocated);
    REQUIRE(program.Sum().live == live);
    REQUIRE(program.tables.sites.traced_current() == live);
  }
  CHECK(program.tables.given_back > 30000);
}

TEST_CASE("reclaim: entries that a holder marks stay, with new ids") {
  Program program;
  Holder holder;
  holder.frames.push_back(program.Frame(7777777, "label.js"));
  holder.strings.push_back(program.tables.strings.Intern("Buffer pool"));
  for (int32_t i = 1; i < 3 * static_cast<int32_t>(kSpareSites); i++) {
    program.BeBornAndDie(program.Site(i, "/srv/" + std::to_string(i)), 1);
  }
  holder.frames.push_back(program.Frame(8888888, ""));
  holder.strings.push_back(program.tables.strings.Intern("late"));
  Reclaim(&program.tables, {&holder});
  CHECK(program.tables.frames.at(holder.frames[0]).key.script_id == 7777777);
  CHECK(program.tables.frames.at(holder.frames[1]).key.script_id == 8888888);
  CHECK(program.tables.strings.at(holder.strings[0]) == "Buffer pool");
  CHECK(program.tables.strings.at(holder.strings[1]) == "late");
}

TEST_CASE("reclaim: many dead sites are removed, and their memory is freed") {
  Program program;
  const auto count = static_cast<int32_t>(20 * kSpareSites);
  for (int32_t i = 1; i < count; i++) {
    program.tables.sites.Add(program.Site(i, "/srv/" + std::to_string(i)), 1, 1, 0);
  }
  const size_t crowded = program.tables.MemoryUsage();
  for (int32_t i = 1; i < count; i++) program.tables.sites.Remove(program.Site(i, ""), 1, 1, 0);
  while (WhenToReclaim(program.tables) != ReclaimDue::kNo) program.Run();
  CHECK(program.tables.sites.size() <= kSpareSites);
  CHECK(program.tables.MemoryUsage() < crowded / 8);
}

TEST_CASE("reclaim: at the cap it makes room, and keeps the overflow site") {
  Program program;
  program.tables.sites = SiteTable(3 * kSpareSites);
  bool is_new = false;
  const FrameId overflow = program.tables.frames.Intern({0, 1, -1, kFrameNative}, &is_new);
  program.tables.sites.set_overflow_frame(overflow);
  const auto count = static_cast<int32_t>(3 * kSpareSites);
  for (int32_t i = 1; i <= count; i++) program.BeBornAndDie(program.Site(i, "a.js"), 1);
  const uint64_t lost = program.tables.sites.overflow();
  CHECK(lost > 0);
  program.Run();
  CHECK(program.Sum().allocated_size == count);
  const SiteId site = program.Site(count + 1, "a.js");
  CHECK(program.tables.sites.overflow() == lost);
  CHECK(site + 1 == program.tables.sites.size());
  bool has_overflow = false;
  for (SiteId id = 0; id < program.tables.sites.size(); id++) {
    if (!program.tables.sites.IsOverflow(id)) continue;
    has_overflow = true;
    const FrameId frame = program.tables.sites.frames(program.tables.sites.at(id))[0];
    CHECK(program.tables.frames.at(frame).key.flags == kFrameNative);
    CHECK(program.tables.sites.at(id).counters.allocated_size == static_cast<double>(lost));
  }
  CHECK(has_overflow);
}

TEST_CASE("reclaim: at function precision, without totals, dead sites are removed without rests") {
  Program program;
  for (int32_t i = 1; i < 3 * static_cast<int32_t>(kSpareSites); i++) {
    const SiteId site = program.Site(i, "a.js");
    program.tables.sites.SetLive(site, 10, 1, 0, 1);
    program.tables.sites.SetLive(site, 0, 0, 0, 0);
  }
  CHECK(program.tables.sites.live_sites() == 0);
  REQUIRE(WhenToReclaim(program.tables) != ReclaimDue::kNo);
  program.Run();
  CHECK(program.Rests().empty());
  CHECK(program.tables.sites.size() == kSpareSites / 2);
}

TEST_CASE("reclaim: records of live and dead blocks find their sites") {
  Program program;
  BlockRecords records;
  static char blocks[64][16];
  for (int32_t i = 0; i < 64; i++) {
    const SiteId site = program.Site(i * 1000 + 1, "");
    program.tables.sites.Add(site, i + 1, 1, 0);
    REQUIRE(records.Add(blocks[i], 16, {static_cast<double>(i + 1), site, 1, 0, 0, 0}));
    for (int32_t k = 2; k < 200; k++) program.BeBornAndDie(program.Site(i * 1000 + k, ""), 1);
  }
  for (int32_t i = 0; i < 64; i += 2) records.Die(blocks[i], 16);
  struct Records : IdHolder {
    BlockRecords* records;
    void Renumber(const Renumbering& ids) noexcept override { records->MoveToNewSites(ids.sites); }
  } holder;
  holder.records = &records;
  REQUIRE(WhenToReclaim(program.tables) != ReclaimDue::kNo);
  Reclaim(&program.tables, {&holder});
  for (int32_t i = 1; i < 64; i += 2) {
    BlockRecords::Birth birth;
    REQUIRE(records.Find(blocks[i], &birth));
    CHECK(program.tables.sites.at(birth.site).counters.live_size == i + 1);
  }
  int deaths = 0;
  records.TakeDeaths([&](const BlockRecords::Birth& birth) {
    deaths++;
    CHECK(program.tables.sites.at(birth.site).counters.live_size == birth.size);
  });
  CHECK(deaths == 32);
}

}  // namespace
}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
// Sites: interning of tracebacks, growth, the cap, and counters that return to exactly zero.
#include "core/site_table.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "core/sampler.h"

namespace tracemalloc {
namespace {

SiteId Intern(SiteTable* sites, std::vector<FrameId> frames, Domain domain = Domain::kHeap) {
  const uint32_t count = static_cast<uint32_t>(frames.size());
  return sites->Intern(domain, frames.data(), count, count);
}

TEST_CASE("sites: order, length and domain of a traceback distinguish sites") {
  SiteTable sites;
  CHECK(Intern(&sites, {1, 2, 3}) == 0);
  CHECK(Intern(&sites, {3, 2, 1}) == 1);
  CHECK(Intern(&sites, {1, 2}) == 2);
  CHECK(Intern(&sites, {1, 2, 3}, Domain::kBuffer) == 3);
  CHECK(Intern(&sites, {}) == 4);
  CHECK(Intern(&sites, {1, 2, 3}) == 0);
  CHECK(Intern(&sites, {}) == 4);
  CHECK(sites.size() == 5);
  CHECK(sites.at(0).frame_count == 3);
  CHECK(sites.frames(sites.at(0))[2] == 3);
  CHECK(sites.at(3).domain == Domain::kBuffer);
  CHECK(sites.changed().empty());
}

TEST_CASE("sites: labels distinguish sites") {
  SiteTable sites;
  const FrameId frames[] = {1, 2};
  CHECK(sites.Intern(Domain::kHeap, frames, 2, 2) == 0);
  CHECK(sites.Intern(Domain::kHeap, frames, 2, 2, 7) == 1);
  CHECK(sites.Intern(Domain::kHeap, frames, 2, 2, 8) == 2);
  CHECK(sites.Intern(Domain::kHeap, frames, 2, 2, 7) == 1);
  CHECK(sites.at(0).labels == kNoLabels);
  CHECK(sites.at(2).labels == 8);
}

TEST_CASE("sites: the table grows and finds everything again") {
  SiteTable sites;
  constexpr uint32_t kSites = 30000;
  for (uint32_t i = 0; i < kSites; i++) {
    REQUIRE(Intern(&sites, {i, i / 7, i % 13}) == i);
    sites.Add(i, i + 1, 1, 0);
  }
  for (uint32_t i = 0; i < kSites; i++) {
    REQUIRE(Intern(&sites, {i, i / 7, i % 13}) == i);
    REQUIRE(sites.at(i).counters.live_size == i + 1);
    REQUIRE(sites.frames(sites.at(i))[1] == i / 7);
  }
  CHECK(sites.size() == kSites);
  CHECK(sites.traced_current() == kSites * (kSites + 1.0) / 2);
  CHECK(sites.MemoryUsage() > kSites * (sizeof(Site) + 3 * sizeof(FrameId)));
}

TEST_CASE("sites: a sample that moves leaves nothing behind, and the sum stays the same") {
  SiteTable sites;
  const SiteId from = Intern(&sites, {1});
  const SiteId to = Intern(&sites, {2});
  sites.Add(from, 100, 2, 30);
  sites.Move(from, to, 100, 2, 30);
  for (const double left :
       {sites.at(from).counters.live_size, sites.at(from).counters.live_count,
        sites.at(from).counters.live_variance, sites.at(from).counters.allocated_size,
        sites.at(from).counters.allocated_count}) {
    CHECK(left == 0);
  }
  CHECK(sites.at(from).counters.live_samples == 0);
  CHECK(sites.at(from).counters.allocated_samples == 0);
  CHECK(sites.at(to).counters.live_size == 100);
  CHECK(sites.at(to).counters.allocated_count == 2);
  CHECK(sites.at(to).counters.allocated_samples == 1);
  sites.Move(to, to, 100, 2, 30);
  CHECK(sites.traced_current() == 100);
  CHECK(sites.traced_peak() == 100);
  CHECK(sites.live_samples() == 1);
}

TEST_CASE("sites: at the cap new tracebacks share one overflow site, and nothing is lost") {
  SiteTable sites(4);
  sites.set_overflow_frame(99);
  for (FrameId f = 0; f < 3; f++) CHECK(Intern(&sites, {f}) == f);
  CHECK(sites.overflow() == 0);
  const SiteId overflow = Intern(&sites, {50, 51});
  CHECK(overflow == 3);
  CHECK(Intern(&sites, {60}) == overflow);
  CHECK(Intern(&sites, {50, 51}) == overflow);
  CHECK(sites.size() == 4);
  CHECK(sites.overflow() == 3);
  CHECK(sites.at(overflow).frame_count == 1);
  CHECK(sites.frames(sites.at(overflow))[0] == 99);
  CHECK(Intern(&sites, {2}) == 2);
  CHECK(sites.overflow() == 3);
  sites.Add(overflow, 10, 1, 0);
  CHECK(sites.traced_current() == 10);
}

TEST_CASE("sites: deaths in any order return live counters to exactly zero") {
  SiteTable sites;
  Sampler random(1024, 3);
  struct Sample {
    SiteId site;
    double size, count, variance;
  };
  std::vector<Sample> alive;
  const SiteId ids[] = {Intern(&sites, {1}), Intern(&sites, {2}), Intern(&sites, {3})};
  double allocated = 0;
  for (int i = 0; i < 5000; i++) {
    const double size = std::floor(random.NextUniform() * 100000) + 1;
    const double weight = SampleWeight(size, 8192);
    const Sample s{ids[i % 3], size * weight, weight, SampleVariance(size, weight)};
    sites.Add(s.site, s.size, s.count, s.variance);
    alive.push_back(s);
    allocated += s.size;
  }
  CHECK(sites.traced_current() == doctest::Approx(allocated));
  while (!alive.empty()) {
    const size_t victim = static_cast<size_t>((1 - random.NextUniform()) * alive.size());
    const Sample s = alive[victim];
    alive[victim] = alive.back();
    alive.pop_back();
    sites.Remove(s.site, s.size, s.count, s.variance);
    REQUIRE(sites.at(s.site).counters.live_variance >= 0);
  }
  double kept = 0;
  for (SiteId id : ids) {
    const SiteCounters& c = sites.at(id).counters;
    CHECK(c.live_size == 0);
    CHECK(c.live_count == 0);
    CHECK(c.live_variance == 0);
    CHECK(c.live_samples == 0);
    CHECK(c.allocated_samples > 1600);
    kept += c.allocated_size;
  }
  CHECK(kept == doctest::Approx(allocated));
  CHECK(sites.traced_current() == 0);
  CHECK(sites.traced_peak() == doctest::Approx(allocated));
  sites.ResetPeak();
  CHECK(sites.traced_peak() == 0);
}

TEST_CASE("sites: the peak follows births, not deaths; ResetPeak sets it to the current size") {
  SiteTable sites;
  const SiteId id = Intern(&sites, {1});
  sites.Add(id, 100, 1, 0);
  sites.Add(id, 50, 1, 0);
  sites.Remove(id, 100, 1, 0);
  CHECK(sites.traced_current() == 50);
  CHECK(sites.traced_peak() == 150);
  sites.ResetPeak();
  CHECK(sites.traced_peak() == 50);
  sites.Add(id, 10, 1, 0);
  CHECK(sites.traced_peak() == 60);
}

TEST_CASE("sites: only changed sites are listed, once") {
  SiteTable sites;
  const SiteId a = Intern(&sites, {1}), b = Intern(&sites, {2}), c = Intern(&sites, {3});
  sites.Add(b, 1, 1, 0);
  sites.Add(b, 1, 1, 0);
  sites.Add(a, 1, 1, 0);
  CHECK(sites.changed() == std::vector<SiteId>{b, a});
  sites.MarkAllUnchanged();
  CHECK(sites.changed().empty());
  sites.Remove(a, 1, 1, 0);
  CHECK(sites.changed() == std::vector<SiteId>{a});
  sites.MarkAllChanged();
  CHECK(sites.changed() == std::vector<SiteId>{a, b, c});
}

TEST_CASE("sites: types of live bytes come and go with their samples") {
  SiteTable sites;
  const SiteId id = Intern(&sites, {1});
  sites.AddTyped(id, 7, 1000.25, 3.7);
  sites.AddTyped(id, 8, 64, 1);
  sites.AddTyped(id, 7, 999.5, 2.1);
  REQUIRE(sites.at(id).types.size() == 2);
  CHECK(sites.at(id).types[0].live_size == doctest::Approx(1999.75));
  sites.AddTyped(id, 7, -1000.25, -3.7);
  sites.AddTyped(id, 7, -999.5, -2.1);
  REQUIRE(sites.at(id).types.size() == 1);
  CHECK(sites.at(id).types[0].type == 8);
  sites.AddTyped(id, 8, -64, -1);
  CHECK(sites.at(id).types.empty());
}

TEST_CASE("sites: SetLive replaces live figures and makes the totals unknown") {
  SiteTable sites;
  const SiteId a = Intern(&sites, {1}), b = Intern(&sites, {2});
  sites.SetLive(a, 1000, 10, 5, 2);
  sites.SetLive(b, 500, 1, 0, 1);
  sites.UpdatePeak();
  CHECK(sites.traced_current() == 1500);
  CHECK(std::isnan(sites.at(a).counters.allocated_size));
  sites.MarkAllUnchanged();
  sites.SetLive(a, 1000, 10, 5, 2);
  CHECK(sites.changed().empty());
  sites.SetLive(a, 0, 0, 0, 0);
  sites.SetLive(b, 0, 0, 0, 0);
  sites.UpdatePeak();
  CHECK(sites.traced_current() == 0);
  CHECK(sites.traced_peak() == 1500);
}

TEST_CASE("sites: Clear removes everything except the cap") {
  SiteTable sites(3);
  for (FrameId f = 0; f < 5; f++) sites.Add(Intern(&sites, {f}), 8, 1, 0);
  sites.Clear();
  CHECK(sites.size() == 0);
  CHECK(sites.overflow() == 0);
  CHECK(sites.changed().empty());
  CHECK(sites.traced_current() == 0);
  CHECK(sites.traced_peak() == 0);
  for (FrameId f = 0; f < 5; f++) Intern(&sites, {f});
  CHECK(sites.size() == 3);
}

}  // namespace
}  // namespace tracemalloc

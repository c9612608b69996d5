// SPDX-License-Identifier: MIT
#include "core/reclaim.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace tracemalloc {

namespace {

// A position that no walker uses in its keys.
constexpr int32_t kRestPosition = -2;

class Reclaiming {
 public:
  explicit Reclaiming(Tables* tables) : tables_(*tables) {}

  void Run(const std::vector<IdHolder*>& holders) {
    ChooseSites();
    FindRests();
    // Rests are new entries, for which the vectors of bits need room.
    kept_sites_.resize(tables_.sites.size(), true);
    std::vector<bool> frames = MarkFrames();
    for (IdHolder* holder : holders) holder->MarkFrames(&frames);
    std::vector<bool> strings = MarkStrings(frames);
    for (IdHolder* holder : holders) holder->MarkStrings(frames, &strings);
    const Renumbering ids{NumberKept(kept_sites_), NumberKept(frames), NumberKept(strings)};
    // From here on nothing can fail.
    for (const auto& [site, rest] : folds_) tables_.sites.Fold(site, rest);
    tables_.sites.Renumber(ids);
    tables_.frames.Renumber(ids.frames, ids.strings);
    tables_.strings.Renumber(ids.strings);
    for (IdHolder* holder : holders) holder->Renumber(ids);
    tables_.given_back += gone_.size();
    tables_.frames_kept = tables_.frames.size();
    tables_.strings_kept = tables_.strings.size();
  }

 private:
  bool IsRegular(SiteId id) const {
    return !tables_.sites.at(id).is_rest && !tables_.sites.IsOverflow(id);
  }

  StringId FileOf(const Site& site) const {
    if (site.frame_count == 0) return 0;
    return tables_.frames.at(tables_.sites.frames(site)[0]).resolution.filename;
  }

  // Chooses the sites to remove, and the files of which others stay.
  void ChooseSites() {
    const SiteTable& sites = tables_.sites;
    for (SiteId id = 0; id < sites.size(); id++) {
      if (IsRegular(id) && sites.at(id).counters.live_samples == 0) gone_.push_back(id);
    }
    const size_t stay =
        std::min<size_t>(gone_.size(), std::max(kSpareSites, sites.live_sites()) / 2);
    // A site that was sampled only once is likely never to recur.
    const auto is_needed_more = [&sites](SiteId a, SiteId b) {
      const bool recurs_a = sites.at(a).counters.allocated_samples > 1;
      const bool recurs_b = sites.at(b).counters.allocated_samples > 1;
      if (recurs_a != recurs_b) return recurs_a;
      return sites.Idleness(sites.at(a)) < sites.Idleness(sites.at(b));
    };
    const auto first_gone = gone_.begin() + static_cast<ptrdiff_t>(stay);
    std::nth_element(gone_.begin(), first_gone, gone_.end(), is_needed_more);
    gone_.erase(gone_.begin(), first_gone);
    kept_sites_.assign(sites.size(), true);
    for (const SiteId id : gone_) kept_sites_[id] = false;
    kept_files_.assign(tables_.strings.size(), false);
    for (SiteId id = 0; id < sites.size(); id++) {
      if (kept_sites_[id] && IsRegular(id)) kept_files_[FileOf(sites.at(id))] = true;
    }
    kept_files_[0] = false;  // no file
  }

  // Finds the rests to which the totals of removed sites are added, and adds missing ones.
  void FindRests() {
    for (SiteId id = 0; id < kept_sites_.size(); id++) {
      const Site& site = tables_.sites.at(id);
      if (!site.is_rest) continue;
      const StringId file = FileOf(site);
      if (IsOfDomain(site) || kept_files_[file]) {
        rests_[Key(site.domain, IsOfDomain(site) ? 0 : file)] = id;
      } else {
        gone_.push_back(id);
        kept_sites_[id] = false;
      }
    }
    folds_.reserve(gone_.size());
    for (const SiteId id : gone_) {
      const Site& site = tables_.sites.at(id);
      if (site.counters.allocated_samples == 0) continue;
      const StringId file = FileOf(site);
      folds_.emplace_back(id, RestOf(site.domain, kept_files_[file] ? file : 0));
    }
  }

  static uint64_t Key(Domain domain, StringId file) {
    return static_cast<uint64_t>(domain) << 32 | file;
  }

  bool IsOfDomain(const Site& rest) const {
    return tables_.frames.at(tables_.sites.frames(rest)[0]).resolution.function_name == 0;
  }

  SiteId RestOf(Domain domain, StringId file) {
    const auto known = rests_.find(Key(domain, file));
    if (known != rests_.end()) return known->second;
    const StringId name = tables_.strings.Intern(kRestName);
    bool is_new = false;
    const FrameKey key{0, static_cast<int32_t>(tables_.rests + 1), kRestPosition, kFrameNative};
    const FrameId frame = tables_.frames.Intern(key, &is_new);
    // The label is in place of a file name, as for other native frames.
    tables_.frames.Resolve(
        frame, file == 0 ? ResolvedFrame{0, name, 0, 0} : ResolvedFrame{name, file, 0, 0});
    const SiteId rest = tables_.sites.AddRest(domain, frame);
    tables_.rests++;
    return rests_[Key(domain, file)] = rest;
  }

  std::vector<bool> MarkFrames() const {
    std::vector<bool> frames(tables_.frames.size(), false);
    for (SiteId id = 0; id < kept_sites_.size(); id++) {
      if (!kept_sites_[id]) continue;
      const Site& site = tables_.sites.at(id);
      const FrameId* ids = tables_.sites.frames(site);
      for (uint32_t i = 0; i < site.frame_count; i++) frames[ids[i]] = true;
    }
    const FrameId overflow = tables_.sites.overflow_frame();
    if (overflow < frames.size()) frames[overflow] = true;
    return frames;
  }

  std::vector<bool> MarkStrings(const std::vector<bool>& frames) const {
    std::vector<bool> strings(tables_.strings.size(), false);
    strings[0] = true;
    for (FrameId id = 0; id < frames.size(); id++) {
      if (!frames[id]) continue;
      const ResolvedFrame& at = tables_.frames.at(id).resolution;
      strings[at.function_name] = strings[at.filename] = true;
    }
    for (SiteId id = 0; id < kept_sites_.size(); id++) {
      for (const TypedCounters& typed : tables_.sites.at(id).types) strings[typed.type] = true;
    }
    return strings;
  }

  Tables& tables_;
  std::vector<SiteId> gone_;
  std::vector<bool> kept_sites_;
  std::vector<bool> kept_files_;  // files of regular sites that stay
  std::unordered_map<uint64_t, SiteId> rests_;
  std::vector<std::pair<SiteId, SiteId>> folds_;  // from, to
};

}  // namespace

ReclaimDue WhenToReclaim(const Tables& tables) {
  const uint32_t live = tables.sites.live_sites();
  const auto exceeds = [&](uint32_t times) {
    return tables.sites.size() - live > times * std::max(kSpareSites, live) ||
           tables.frames.size() > times * (2 * tables.frames_kept + 4 * kSpareSites) ||
           tables.strings.size() > times * (2 * tables.strings_kept + 4 * kSpareSites);
  };
  return !exceeds(1) ? ReclaimDue::kNo : exceeds(2) ? ReclaimDue::kNow : ReclaimDue::kSoon;
}

void Reclaim(Tables* tables, const std::vector<IdHolder*>& holders) {
  Reclaiming(tables).Run(holders);
}

}  // namespace tracemalloc

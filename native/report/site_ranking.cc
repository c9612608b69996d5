// SPDX-License-Identifier: MIT
#include "report/site_ranking.h"

#include <algorithm>
#include <tuple>

#include "report/frame_text.h"

namespace tracemalloc {

namespace {

bool IsLarger(const RankedLine& a, const RankedLine& b) { return a.size > b.size; }

}  // namespace

const std::vector<RankedLine>& SiteRanking::Rank(const Tables& tables, std::string_view own,
                                                 size_t top) {
  rows_.clear();
  for (SiteId id = 0; id < tables.sites.size(); id++) {
    const Site& site = tables.sites.at(id);
    const SiteCounters& c = site.counters;
    if (c.live_samples == 0 || site.frame_count == 0 || site.domain != Domain::kHeap ||
        IsOwn(tables, site, own)) {
      continue;
    }
    if (rows_.size() == rows_.capacity()) {
      SumUpLines(tables);
      const size_t kept = rows_.capacity() / 2;
      if (rows_.size() > kept) {
        std::nth_element(rows_.begin(), rows_.begin() + static_cast<ptrdiff_t>(kept), rows_.end(),
                         IsLarger);
        rows_.resize(kept);
      }
    }
    rows_.push_back({ChargedFrame(tables, site), site.domain, c.live_size, c.live_count,
                     c.live_variance, c.live_samples});
  }
  SumUpLines(tables);
  std::sort(rows_.begin(), rows_.end(), IsLarger);
  if (rows_.size() > top) rows_.resize(top);
  return rows_;
}

void SiteRanking::SumUpLines(const Tables& tables) {
  // Frames of one line may differ in their columns. Those without a line differ by function.
  const auto key = [&tables](const RankedLine& row) {
    const ResolvedFrame& at = tables.frames.at(row.frame).resolution;
    return std::make_tuple(row.domain, at.filename, at.line, at.line == 0 ? at.function_name : 0);
  };
  std::sort(rows_.begin(), rows_.end(),
            [&key](const RankedLine& a, const RankedLine& b) { return key(a) < key(b); });
  size_t last = 0;
  for (size_t i = 1; i < rows_.size(); i++) {
    if (key(rows_[i]) == key(rows_[last])) {
      rows_[last].size += rows_[i].size;
      rows_[last].count += rows_[i].count;
      rows_[last].variance += rows_[i].variance;
      rows_[last].samples += rows_[i].samples;
    } else {
      rows_[++last] = rows_[i];
    }
  }
  if (!rows_.empty()) rows_.resize(last + 1);
}

}  // namespace tracemalloc

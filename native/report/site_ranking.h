// SPDX-License-Identifier: MIT
// Finds the lines that hold most of the heap, from the tables as they are: as src/report/series.ts
// does with a snapshot, but within memory that was reserved before.
#ifndef TRACEMALLOC_REPORT_SITE_RANKING_H_
#define TRACEMALLOC_REPORT_SITE_RANKING_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/tables.h"

namespace tracemalloc {

struct RankedLine {
  FrameId frame;  // see ChargedFrame
  Domain domain;
  double size;
  double count;
  double variance;
  uint32_t samples;
};

class SiteRanking {
 public:
  // If more sites than `capacity` have live samples, smaller ones may be left out.
  explicit SiteRanking(size_t capacity = 4096) { rows_.reserve(capacity); }

  // Largest first, at most `top`, without IsOwn sites; valid until the next call. Allocates
  // nothing.
  const std::vector<RankedLine>& Rank(const Tables& tables, std::string_view own, size_t top);

 private:
  void SumUpLines(const Tables& tables);

  std::vector<RankedLine> rows_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_REPORT_SITE_RANKING_H_

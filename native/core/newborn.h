// SPDX-License-Identifier: MIT
// Live samples that have been through no garbage collection yet, summed by site and type: a
// snapshot of survivors leaves them out.
#ifndef TRACEMALLOC_CORE_NEWBORN_H_
#define TRACEMALLOC_CORE_NEWBORN_H_

#include <vector>

#include "core/site_table.h"

namespace tracemalloc {

struct Newborn {
  SiteId site;
  StringId type;  // 0: not known
  double size;    // weighted, as all that follow
  double count;
  double variance;
  uint32_t samples;
};

// Adds up those with the same site and type; afterwards they are ordered by both.
void SumNewborns(std::vector<Newborn>* newborns);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_NEWBORN_H_

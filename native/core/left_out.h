// SPDX-License-Identifier: MIT
// What a snapshot leaves out because of its age, and the live samples of that, summed by site and
// type.
#ifndef TRACEMALLOC_CORE_LEFT_OUT_H_
#define TRACEMALLOC_CORE_LEFT_OUT_H_

#include <cstdint>
#include <vector>

#include "core/site_table.h"

namespace tracemalloc {

// Which ages a snapshot shows.
struct Ages {
  // A sample that was born after the batch `born` and before the next one.
  bool Show(uint32_t born) const { return since <= born && born < until; }

  // Whether there may be others.
  bool LeaveOut() const { return leave_out_newborns || since > 0 || until < UINT32_MAX; }

  bool leave_out_newborns = false;  // what has been through no garbage collection yet
  uint32_t since = 0;               // what existed when this batch was written is left out
  uint32_t until = UINT32_MAX;      // what did not exist when this one was written, too
};

struct LeftOut {
  SiteId site;
  StringId type;  // 0: not known
  double size;    // weighted, as all that follow
  double count;
  double variance;
  uint32_t samples;
};

// Adds up those with the same site and type; afterwards they are ordered by both.
void SumLeftOut(std::vector<LeftOut>* rows);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_LEFT_OUT_H_

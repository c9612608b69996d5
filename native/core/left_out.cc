// SPDX-License-Identifier: MIT
#include "core/left_out.h"

#include <algorithm>
#include <tuple>

namespace tracemalloc {

void SumLeftOut(std::vector<LeftOut>* rows) {
  std::sort(rows->begin(), rows->end(), [](const LeftOut& a, const LeftOut& b) {
    return std::tie(a.site, a.type) < std::tie(b.site, b.type);
  });
  auto sum = rows->begin();
  for (auto it = rows->begin(); it != rows->end(); ++it) {
    if (it == sum) continue;
    if (it->site == sum->site && it->type == sum->type) {
      sum->size += it->size;
      sum->count += it->count;
      sum->variance += it->variance;
      sum->samples += it->samples;
    } else {
      *++sum = *it;
    }
  }
  if (!rows->empty()) rows->erase(sum + 1, rows->end());
}

}  // namespace tracemalloc

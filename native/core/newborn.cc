// SPDX-License-Identifier: MIT
#include "core/newborn.h"

#include <algorithm>
#include <tuple>

namespace tracemalloc {

void SumNewborns(std::vector<Newborn>* newborns) {
  std::sort(newborns->begin(), newborns->end(), [](const Newborn& a, const Newborn& b) {
    return std::tie(a.site, a.type) < std::tie(b.site, b.type);
  });
  auto sum = newborns->begin();
  for (auto it = newborns->begin(); it != newborns->end(); ++it) {
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
  if (!newborns->empty()) newborns->erase(sum + 1, newborns->end());
}

}  // namespace tracemalloc

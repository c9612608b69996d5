// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_CORE_ELDERS_H_
#define TRACEMALLOC_CORE_ELDERS_H_

namespace tracemalloc {

// What lives at a site since an earlier batch at least: estimates, bytes and bytes squared.
struct Elders {
  double size = 0;
  double variance = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_ELDERS_H_

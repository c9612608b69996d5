// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_CORE_ELDERS_H_
#define TRACEMALLOC_CORE_ELDERS_H_

namespace tracemalloc {

// What has been alive at a site since an earlier batch: estimates, in bytes and bytes squared.
struct Elders {
  double size = 0;
  double variance = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_ELDERS_H_

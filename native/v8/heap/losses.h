// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_V8_HEAP_LOSSES_H_
#define TRACEMALLOC_V8_HEAP_LOSSES_H_

#include <cstdint>

namespace tracemalloc {

// Counters of every kind of inexactness of the allocation hook's samples, for its report.
struct Losses {
  uint64_t unknown_members = 0;     // attributed to the block's first object
  uint64_t unused_blocks = 0;       // the sample point was in memory that was unused or given back
  uint64_t missing_objects = 0;     // no object where V8 reported one
  uint64_t missed_collections = 0;  // samples lost by a collection in another addon's GC callback
  uint64_t corrected_places = 0;    // samples whose object corrected the told place
  uint64_t doubtful_places = 0;     // samples whose object contradicts the told place
  uint64_t out_of_memory = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_HEAP_LOSSES_H_

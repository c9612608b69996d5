// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_V8_HEAP_LOSSES_H_
#define TRACEMALLOC_V8_HEAP_LOSSES_H_

#include <cstdint>

namespace tracemalloc {

// Every kind of inexactness of the allocation hook's samples, for its report.
struct Losses {
  uint64_t unknown_members = 0;     // charged to the block's first object
  uint64_t unused_blocks = 0;       // the point lay in memory that was given back
  uint64_t missing_objects = 0;     // no object where one was announced
  uint64_t missed_collections = 0;  // samples whose fate another addon's GC callback hid
  uint64_t corrected_places = 0;    // told by the object, not by the code that made it
  uint64_t doubtful_places = 0;     // which the object contradicts
  uint64_t out_of_memory = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_HEAP_LOSSES_H_

// SPDX-License-Identifier: MIT
// Checks on the isolate's thread what a search on another thread has found.
#ifndef TRACEMALLOC_RETAINERS_PATH_CONFIRMATION_H_
#define TRACEMALLOC_RETAINERS_PATH_CONFIRMATION_H_

#include <cstdint>

#include "retainers/heap_objects.h"
#include "retainers/holder_graph.h"

namespace tracemalloc {

// Whether each word of the path is as it was found. `target`: as given to
// the search. False, too, if `deadline` comes first, of a monotonic clock in nanoseconds.
bool ConfirmPath(HeapObjects* objects, const HeldPath& path, uintptr_t target, int64_t deadline);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_RETAINERS_PATH_CONFIRMATION_H_

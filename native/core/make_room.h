// SPDX-License-Identifier: MIT
// Room in several vectors before any of them changes: where memory is short, all stay as they were.
#ifndef TRACEMALLOC_CORE_MAKE_ROOM_H_
#define TRACEMALLOC_CORE_MAKE_ROOM_H_

#include <algorithm>
#include <cstddef>
#include <vector>

namespace tracemalloc {

// For `count` more elements. Grows as push_back does; throws std::bad_alloc.
template <typename T>
void MakeRoom(std::vector<T>* vector, size_t count) {
  const size_t size = vector->size() + count;
  if (size > vector->capacity()) vector->reserve(std::max(size, 2 * vector->capacity()));
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_MAKE_ROOM_H_

// SPDX-License-Identifier: MIT
// The capacity of vectors and hash maps: reserved before several of them change, so that without
// memory all stay unchanged; and freed when they are emptied, which neither clear() nor `= {}`
// does.
#ifndef TRACEMALLOC_CORE_VECTOR_ROOM_H_
#define TRACEMALLOC_CORE_VECTOR_ROOM_H_

#include <algorithm>
#include <cstddef>
#include <new>
#include <vector>

namespace tracemalloc {

// For `count` more elements. Grows as push_back does; throws std::bad_alloc.
template <typename T>
void MakeRoom(std::vector<T>* vector, size_t count) {
  const size_t size = vector->size() + count;
  if (size > vector->capacity()) vector->reserve(std::max(size, 2 * vector->capacity()));
}

// Frees capacity of a vector that has become much smaller; without memory for the copy, it stays.
template <typename T>
void GiveBackRoom(std::vector<T>* vector) noexcept {
  if (vector->capacity() <= 4 * vector->size()) return;
  try {
    vector->shrink_to_fit();
  } catch (const std::bad_alloc&) {
    // The capacity stays and is reused.
  }
}

// The same of a hash map's buckets.
template <typename Map>
void GiveBackBuckets(Map* map) noexcept {
  if (map->bucket_count() <= 8 * (map->size() + 16)) return;
  try {
    map->rehash(0);
  } catch (const std::bad_alloc&) {
    // They are used again.
  }
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_VECTOR_ROOM_H_

// SPDX-License-Identifier: MIT
#include "layout/ordered_map.h"

#include <algorithm>

namespace tracemalloc {

namespace {

constexpr int kTable = 24;  // of a Map
constexpr int kWord = 8;

// Of a table, in words after its length.
constexpr int32_t kEntries = 0;
constexpr int32_t kDeleted = 1;
constexpr int32_t kBuckets = 2;
constexpr int32_t kFirstBucket = 3;
constexpr int32_t kEntryWords = 3;

constexpr int32_t kMostRead = 64;

constexpr int At(int32_t word) { return kArrayData + word * kWord; }

}  // namespace

bool OrderedMapReader::Learn(uintptr_t map, uintptr_t key) {
  uintptr_t table;
  uint16_t map_type, table_type;
  if (!view_.ReadType(map, &map_type) || !view_.Field(map, kTable, &table) ||
      !view_.ReadType(table, &table_type) || !FindInTable(table, key)) {
    return false;
  }
  map_type_ = map_type;
  table_type_ = table_type;
  return true;
}

std::optional<uintptr_t> OrderedMapReader::Find(uintptr_t map, uintptr_t key) const {
  uintptr_t table;
  if (!view_.HasType(map, map_type_) || !view_.ObjectField(map, kTable, table_type_, &table)) {
    return std::nullopt;
  }
  return FindInTable(table, key);
}

std::optional<uintptr_t> OrderedMapReader::FindInTable(uintptr_t table, uintptr_t key) const {
  int32_t length, entries, deleted, buckets;
  if (!view_.SmiField(table, kArrayLength, &length) ||
      !view_.SmiField(table, At(kEntries), &entries) ||
      !view_.SmiField(table, At(kDeleted), &deleted) ||
      !view_.SmiField(table, At(kBuckets), &buckets)) {
    return std::nullopt;
  }
  const auto is_count = [&](int32_t n) { return n >= 0 && n <= length; };
  if (length > kMaxArrayLength || !is_count(entries) || !is_count(deleted) || !is_count(buckets)) {
    return std::nullopt;
  }
  const int32_t first = kFirstBucket + buckets;
  const int32_t used = entries + deleted;
  // In 64 bits: the counts were read from memory.
  if (first + int64_t{used} * kEntryWords > length) return std::nullopt;
  for (int32_t i = used - 1; i >= std::max(0, used - kMostRead); i--) {
    const int32_t entry = first + i * kEntryWords;
    uintptr_t found, value;
    if (!view_.Field(table, At(entry), &found)) return std::nullopt;
    if (found != key) continue;
    if (!view_.Field(table, At(entry + 1), &value)) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

}  // namespace tracemalloc

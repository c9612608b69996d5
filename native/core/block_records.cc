// SPDX-License-Identifier: MIT
#include "core/block_records.h"

namespace tracemalloc {

bool BlockRecords::Grow() {
  const size_t capacity = buckets_ == nullptr ? kFirstBuckets : (mask_ + 1) * 2;
  auto** grown = static_cast<Record**>(std::calloc(capacity, sizeof(Record*)));
  // If there is no memory for a larger table, the chains get longer, which is slow but not wrong.
  if (grown == nullptr) return buckets_ != nullptr;
  Record** const old = buckets_;
  const size_t old_capacity = old == nullptr ? 0 : mask_ + 1;
  buckets_ = grown;
  mask_ = capacity - 1;
  for (size_t i = 0; i < old_capacity; i++) {
    for (Record* record = old[i]; record != nullptr;) {
      Record* const next = record->next;
      Record** const bucket = Bucket(record->block);
      record->next = *bucket;
      *bucket = record;
      record = next;
    }
  }
  std::free(old);
  return true;
}

BlockRecords::Record* BlockRecords::Unlink(const void* block) {
  if (buckets_ == nullptr) return nullptr;
  for (Record** link = Bucket(block); *link != nullptr; link = &(*link)->next) {
    if ((*link)->block != block) continue;
    Record* const record = *link;
    *link = record->next;
    size_--;
    CountInFilter(block, -1);
    return record;
  }
  return nullptr;
}

void BlockRecords::CountInFilter(const void* block, int change) {
  std::atomic<uint8_t>& slot = filter_[FilterSlot(block)];
  const uint8_t count = slot.load(std::memory_order_relaxed);
  if (count == UINT8_MAX) return;
  slot.store(static_cast<uint8_t>(count + change), std::memory_order_relaxed);
}

void BlockRecords::Bury(Record* record) {
  record->next = dead_.load(std::memory_order_relaxed);
  dead_.store(record, std::memory_order_relaxed);
  dead_count_++;
}

bool BlockRecords::Add(const void* block, size_t bytes, const Birth& birth) {
  auto* record = static_cast<Record*>(std::malloc(sizeof(Record)));
  if (record == nullptr) return false;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (Record* const missed = Unlink(block)) {
    missed_deaths_.fetch_add(1, std::memory_order_relaxed);
    Bury(missed);
  }
  if ((buckets_ == nullptr || size_ > mask_) && !Grow()) {
    std::free(record);
    return false;
  }
  Record** const bucket = Bucket(block);
  *record = Record{*bucket, block, bytes, birth};
  *bucket = record;
  size_++;
  CountInFilter(block, 1);
  return true;
}

void BlockRecords::Die(const void* block, size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Record* const record = Unlink(block);
  if (record == nullptr) return;
  if (record->bytes != bytes) wrong_sizes_.fetch_add(1, std::memory_order_relaxed);
  Bury(record);
}

bool BlockRecords::Find(const void* block, Birth* birth) const {
  if (!MayHold(block)) return false;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (buckets_ == nullptr) return false;
  for (const Record* record = *Bucket(block); record != nullptr; record = record->next) {
    if (record->block != block) continue;
    *birth = record->birth;
    return true;
  }
  return false;
}

void BlockRecords::FreeAll(Record* list) {
  while (list != nullptr) {
    Record* const next = list->next;
    std::free(list);
    list = next;
  }
}

BlockRecords::Record* BlockRecords::DetachDeaths() {
  if (!HasDeaths()) return nullptr;
  const std::lock_guard<std::mutex> lock(mutex_);
  dead_count_ = 0;
  return dead_.exchange(nullptr, std::memory_order_relaxed);
}

void BlockRecords::MoveToNewSites(const NewIds& sites) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto move = [&sites](Record* record) {
    for (; record != nullptr; record = record->next) {
      record->birth.site = sites[record->birth.site];
    }
  };
  move(dead_.load(std::memory_order_relaxed));
  for (size_t i = 0; buckets_ != nullptr && i <= mask_; i++) move(buckets_[i]);
}

// Clears both lists under one lock: otherwise a death in between would wait to be counted although
// its birth is forgotten.
void BlockRecords::Clear() {
  Record* dead;
  Record** buckets;
  size_t count;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    dead = dead_.exchange(nullptr, std::memory_order_relaxed);
    buckets = buckets_;
    count = buckets == nullptr ? 0 : mask_ + 1;
    buckets_ = nullptr;
    mask_ = size_ = dead_count_ = 0;
    wrong_sizes_.store(0, std::memory_order_relaxed);
    missed_deaths_.store(0, std::memory_order_relaxed);
    for (auto& slot : filter_) slot.store(0, std::memory_order_relaxed);
  }
  FreeAll(dead);
  for (size_t i = 0; i < count; i++) FreeAll(buckets[i]);
  std::free(buckets);
}

size_t BlockRecords::size() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return size_;
}

size_t BlockRecords::MemoryUsage() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return sizeof(*this) + (size_ + dead_count_) * (sizeof(Record) + 16) +
         (buckets_ == nullptr ? 0 : (mask_ + 1) * sizeof(Record*));
}

}  // namespace tracemalloc

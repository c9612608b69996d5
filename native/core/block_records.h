// SPDX-License-Identifier: MIT
// The sampled memory blocks of one allocator, by address. Blocks are allocated on the owner's
// thread and freed on any: a free removes the record at once, since the address may be allocated
// again, and leaves the death for the owner to count. A lookup of a block that was not sampled, as
// nearly all are, reads one word and takes no lock.
#ifndef TRACEMALLOC_CORE_BLOCK_RECORDS_H_
#define TRACEMALLOC_CORE_BLOCK_RECORDS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <mutex>

#include "core/site_table.h"

namespace tracemalloc {

class BlockRecords {
 public:
  // What the block's birth added to its site, to be subtracted at its death.
  struct Birth {
    double size;  // weighted bytes
    SiteId site;
    float count;     // weighted
    float variance;  // of size
    uint32_t batch;  // for the owner: the last one before it
    uint32_t birth_time;
  };

  BlockRecords() = default;
  ~BlockRecords() { Clear(); }
  BlockRecords(const BlockRecords&) = delete;
  BlockRecords& operator=(const BlockRecords&) = delete;

  // On any thread. False: certainly not recorded.
  bool MayHold(const void* block) const {
    return filter_[FilterSlot(block)].load(std::memory_order_relaxed) != 0;
  }
  // On any thread, before the memory is freed. A block that is not recorded is ignored.
  void Die(const void* block, size_t bytes);

  // On the owner's thread, like everything below. False: no memory for a record.
  bool Add(const void* block, size_t bytes, const Birth& birth);
  bool Find(const void* block, Birth* birth) const;

  bool HasDeaths() const { return dead_.load(std::memory_order_relaxed) != nullptr; }
  // Hands each death's Birth to `visit` and forgets it.
  template <typename Visit>
  void TakeDeaths(Visit visit) {
    for (Record* record = DetachDeaths(); record != nullptr;) {
      Record* const next = record->next;
      visit(record->birth);
      std::free(record);
      record = next;
    }
  }

  // All births, including those whose deaths are not yet counted.
  void MoveToNewSites(const NewIds& sites) noexcept;

  // Visits live blocks, with the lock held: `visit(bytes, &birth)` may change the birth, and
  // returns false to forget the block.
  template <typename Visit>
  void ForEach(Visit visit) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (size_t i = 0; buckets_ != nullptr && i <= mask_; i++) {
      for (Record** link = &buckets_[i]; *link != nullptr;) {
        Record* const record = *link;
        if (visit(record->bytes, &record->birth)) {
          link = &record->next;
          continue;
        }
        *link = record->next;
        size_--;
        CountInFilter(record->block, -1);
        std::free(record);
      }
    }
  }

  // Visits live blocks, with the lock held.
  template <typename Visit>
  void ForEachBlock(Visit visit) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (size_t i = 0; buckets_ != nullptr && i <= mask_; i++) {
      for (const Record* record = buckets_[i]; record != nullptr; record = record->next) {
        visit(record->block, record->birth);
      }
    }
  }

  // Visits all births, including those whose deaths are not yet counted, with the lock held.
  template <typename Visit>
  void ForEachBirth(Visit visit) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto visit_all = [&visit](const Record* record) {
      for (; record != nullptr; record = record->next) visit(record->birth);
    };
    visit_all(dead_.load(std::memory_order_relaxed));
    for (size_t i = 0; buckets_ != nullptr && i <= mask_; i++) visit_all(buckets_[i]);
  }

  // Forgets everything, including deaths: nothing that was added before is visited after it,
  // whatever other threads do meanwhile.
  void Clear();

  size_t size() const;
  size_t MemoryUsage() const;
  // Self-checks, 0 if there is no error: deaths with another size than the birth, and births at the
  // address of a block that was never reported as freed.
  uint64_t wrong_sizes() const { return wrong_sizes_.load(std::memory_order_relaxed); }
  uint64_t missed_deaths() const { return missed_deaths_.load(std::memory_order_relaxed); }

 private:
  struct Record {
    Record* next;
    const void* block;
    size_t bytes;
    Birth birth;
  };
  // malloc gives 56 bytes of a block of 64.
  static_assert(sizeof(Record) <= 56, "a record takes more memory than it must");

  static constexpr unsigned kFilterBits = 14;
  static constexpr size_t kFirstBuckets = 256;

  static uint64_t Hash(const void* block) {
    return (reinterpret_cast<uintptr_t>(block) >> 4) * 0x9E3779B97F4A7C15ull;
  }
  static size_t FilterSlot(const void* block) { return Hash(block) >> (64 - kFilterBits); }

  // The following functions need the lock.
  Record** Bucket(const void* block) const { return &buckets_[(Hash(block) >> 16) & mask_]; }
  Record* Unlink(const void* block);
  void Bury(Record* record);
  void CountInFilter(const void* block, int change);
  bool Grow();

  Record* DetachDeaths();
  // No other thread may be able to reach `list`.
  static void FreeAll(Record* list);

  mutable std::mutex mutex_;
  Record** buckets_ = nullptr;
  size_t mask_ = 0;
  size_t size_ = 0;
  size_t dead_count_ = 0;
  std::atomic<Record*> dead_{nullptr};
  std::atomic<uint64_t> wrong_sizes_{0};
  std::atomic<uint64_t> missed_deaths_{0};
  // Counts of recorded blocks by hash. Small, since at a free the filter is rarely in the CPU's
  // caches. A slot that has reached its maximum stays there until Clear(): it only causes more
  // lookups.
  std::atomic<uint8_t> filter_[size_t{1} << kFilterBits] = {};
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_BLOCK_RECORDS_H_

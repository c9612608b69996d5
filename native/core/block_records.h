// SPDX-License-Identifier: MIT
// The sampled memory blocks of one allocator, by address. Blocks are born on the owner's thread and
// die on any: a death takes the record out at once, since the address may be given away again, and
// leaves it for the owner to count. Asking about a block that was not sampled, which is nearly
// every one, reads one word and takes no lock.
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
  // What the block's birth added to its site, to be taken away again.
  struct Birth {
    double size;  // weighted bytes
    SiteId site;
    float count;     // weighted
    float variance;  // of size
  };

  BlockRecords() = default;
  ~BlockRecords() { Clear(); }
  BlockRecords(const BlockRecords&) = delete;
  BlockRecords& operator=(const BlockRecords&) = delete;

  // Any thread. False: certainly not recorded.
  bool MayHold(const void* block) const {
    return filter_[FilterSlot(block)].load(std::memory_order_relaxed) != 0;
  }
  // Any thread, before the memory is given back. A block that is not recorded is no error.
  void Die(const void* block, size_t bytes);

  // Owner's thread, as everything below. False: no memory for a record.
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

  // All births, those of the dead included.
  void MoveToNewSites(const NewIds& sites) noexcept;

  // Forgets everything, deaths included: none of what was added before is handed out after it,
  // whatever other threads do meanwhile.
  void Clear();

  size_t size() const;
  size_t MemoryUsage() const;
  // Self-checks, 0 when all is right: deaths that told another size than the birth, and births at
  // the address of a block whose death was never told.
  uint64_t wrong_sizes() const { return wrong_sizes_.load(std::memory_order_relaxed); }
  uint64_t missed_deaths() const { return missed_deaths_.load(std::memory_order_relaxed); }

 private:
  struct Record {
    Record* next;
    const void* block;
    size_t bytes;
    Birth birth;
  };

  static constexpr unsigned kFilterBits = 14;
  static constexpr size_t kFirstBuckets = 256;

  static uint64_t Hash(const void* block) {
    return (reinterpret_cast<uintptr_t>(block) >> 4) * 0x9E3779B97F4A7C15ull;
  }
  static size_t FilterSlot(const void* block) { return Hash(block) >> (64 - kFilterBits); }

  // The following with the lock held.
  Record** Bucket(const void* block) const { return &buckets_[(Hash(block) >> 16) & mask_]; }
  Record* Unlink(const void* block);
  void Bury(Record* record);
  void CountInFilter(const void* block, int change);
  bool Grow();

  Record* DetachDeaths();
  // `list` must be out of reach of all other threads.
  static void FreeAll(Record* list);

  mutable std::mutex mutex_;
  Record** buckets_ = nullptr;
  size_t mask_ = 0;
  size_t size_ = 0;
  size_t dead_count_ = 0;
  std::atomic<Record*> dead_{nullptr};
  std::atomic<uint64_t> wrong_sizes_{0};
  std::atomic<uint64_t> missed_deaths_{0};
  // Recorded blocks by hash. Small, since frees come when caches hold other things; a slot that was
  // full stays so until Clear(): it only sends more blocks to be looked up.
  std::atomic<uint8_t> filter_[size_t{1} << kFilterBits] = {};
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_BLOCK_RECORDS_H_

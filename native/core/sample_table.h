// SPDX-License-Identifier: MIT
// The live samples: records with stable addresses in chunks that are freed when they are empty, so
// that the memory follows the number of live samples down as well as up. A record's chunk is found
// from its address alone and has the table's owner: a weak callback, which gets only a record,
// finds everything.
#ifndef TRACEMALLOC_CORE_SAMPLE_TABLE_H_
#define TRACEMALLOC_CORE_SAMPLE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

#include "core/site_ages.h"
#include "core/site_table.h"

namespace tracemalloc {

// What a sample added to its site, to be subtracted when its object dies. Floats hold the figures
// whose last digits don't matter; the same numbers are added and subtracted.
template <typename Handle>
struct Sample {
  double size;  // weighted bytes
  Handle handle;
  SiteId site;
  StringId type;   // 0: not known yet
  float count;     // weighted
  float variance;  // of size
  float picked;    // bytes that it was picked by
  uint32_t born;   // for the owner, to determine the age
  uint32_t batch;  // for the owner, likewise
  uint32_t birth_time : kBirthTimeBits;
  uint32_t is_old : 1;     // for the owner, to determine the age
  uint32_t is_listed : 1;  // for the owner: it has another reference to the record
};

template <typename Handle>
class SampleTable {
 public:
  using Record = Sample<Handle>;

  explicit SampleTable(void* owner) : owner_(owner) {}
  ~SampleTable() { Clear(); }
  SampleTable(const SampleTable&) = delete;
  SampleTable& operator=(const SampleTable&) = delete;

  // Null if there is no memory.
  Record* New(Record&& value) {
    Chunk* chunk = with_room_;
    if (chunk == nullptr && (chunk = NewChunk()) == nullptr) return nullptr;
    Slot* slot = chunk->free;
    chunk->free = slot->next;
    if (chunk->free == nullptr) Unlink(&with_room_, chunk, &Chunk::room);
    chunk->used++;
    size_++;
    chunk->is_used[slot - chunk->slots] = true;
    return new (&slot->record) Record(std::move(value));
  }

  void Free(Record* record) {
    Chunk* chunk = ChunkOf(record);
    Slot* slot = reinterpret_cast<Slot*>(record);
    record->~Record();
    if (chunk->free == nullptr) Link(&with_room_, chunk, &Chunk::room);
    chunk->is_used[slot - chunk->slots] = false;
    slot->next = chunk->free;
    chunk->free = slot;
    chunk->used--;
    size_--;
    // One empty chunk is kept, so that a table at the edge of a chunk does not alternately free and
    // allocate.
    if (chunk->used > 0 || visits_ > 0) return;
    if (spare_ != nullptr && spare_ != chunk && spare_->used == 0) FreeChunk(spare_);
    spare_ = chunk;
  }

  // Records may be added and removed meanwhile.
  template <typename Visit>
  void ForEach(Visit visit) {
    const Visiting visiting(&visits_);
    for (Chunk* chunk = chunks_; chunk != nullptr; chunk = chunk->all.next) {
      for (size_t i = 0; i < kSlots; i++) {
        if (chunk->is_used[i]) visit(&chunk->slots[i].record);
      }
    }
    if (visits_ == 1) FreeEmptyChunks();
  }
  // While a visit goes on, its record must not be removed by others.
  bool is_visited() const { return visits_ > 0; }

  // Handles are destroyed, not reset.
  void Clear() {
    ForEach([](Record* record) { record->~Record(); });
    for (Chunk* chunk = chunks_; chunk != nullptr;) {
      Chunk* next = chunk->all.next;
      std::free(chunk);
      chunk = next;
    }
    chunks_ = with_room_ = spare_ = nullptr;
    size_ = chunk_count_ = 0;
  }

  static void* OwnerOf(const Record* record) { return ChunkOf(record)->owner; }
  size_t size() const { return size_; }
  size_t MemoryUsage() const { return chunk_count_ * kChunkSize; }

 private:
  // Counts a visit, even if it ends by an exception.
  struct Visiting {
    explicit Visiting(int* visits) : visits(visits) { ++*visits; }
    ~Visiting() { --*visits; }
    int* visits;
  };

  static constexpr size_t kChunkSize = 16 << 10;

  struct Chunk;
  struct Links {
    Chunk* previous;
    Chunk* next;
  };
  union Slot {
    Record record;
    Slot* next;
  };
  static constexpr size_t kSlots = (kChunkSize - 10 * sizeof(void*)) / (sizeof(Slot) + 1);
  struct Chunk {
    void* owner;
    Links all;   // every chunk
    Links room;  // those with a free slot
    Slot* free;
    size_t used;
    Slot slots[kSlots];
    bool is_used[kSlots];
  };

  static Chunk* ChunkOf(const Record* record) {
    return reinterpret_cast<Chunk*>(reinterpret_cast<uintptr_t>(record) & ~(kChunkSize - 1));
  }

  static void Link(Chunk** head, Chunk* chunk, Links Chunk::* links) {
    chunk->*links = Links{nullptr, *head};
    if (*head != nullptr) ((*head)->*links).previous = chunk;
    *head = chunk;
  }

  static void Unlink(Chunk** head, Chunk* chunk, Links Chunk::* links) {
    const Links& l = chunk->*links;
    if (l.previous == nullptr) {
      *head = l.next;
    } else {
      (l.previous->*links).next = l.next;
    }
    if (l.next != nullptr) (l.next->*links).previous = l.previous;
  }

  Chunk* NewChunk() {
    static_assert(sizeof(Chunk) <= kChunkSize, "slots must fit their chunk");
    Chunk* chunk = static_cast<Chunk*>(std::aligned_alloc(kChunkSize, kChunkSize));
    if (chunk == nullptr) return nullptr;
    chunk->owner = owner_;
    chunk->free = nullptr;
    chunk->used = 0;
    for (size_t i = kSlots; i-- > 0;) {
      chunk->is_used[i] = false;
      chunk->slots[i].next = chunk->free;
      chunk->free = &chunk->slots[i];
    }
    Link(&chunks_, chunk, &Chunk::all);
    Link(&with_room_, chunk, &Chunk::room);
    chunk_count_++;
    return chunk;
  }

  // Those that became empty during a visit; one is kept.
  void FreeEmptyChunks() {
    if (spare_ != nullptr && spare_->used > 0) spare_ = nullptr;
    for (Chunk* chunk = chunks_; chunk != nullptr;) {
      Chunk* const next = chunk->all.next;
      if (chunk->used == 0 && chunk != spare_) {
        if (spare_ == nullptr) {
          spare_ = chunk;
        } else {
          FreeChunk(chunk);
        }
      }
      chunk = next;
    }
  }

  void FreeChunk(Chunk* chunk) {
    Unlink(&chunks_, chunk, &Chunk::all);
    Unlink(&with_room_, chunk, &Chunk::room);
    std::free(chunk);
    chunk_count_--;
  }

  void* owner_;
  Chunk* chunks_ = nullptr;
  Chunk* with_room_ = nullptr;
  Chunk* spare_ = nullptr;
  size_t size_ = 0;
  size_t chunk_count_ = 0;
  int visits_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_SAMPLE_TABLE_H_

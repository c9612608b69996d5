// SPDX-License-Identifier: MIT
// Where the sample points fall on the streams of allocated bytes that V8 counts, one per heap
// space.
//
// V8 tells an allocation observer of the block that reaches or passes the distance it asked for,
// and how many bytes were allocated in that space since the start of the block it told of last. It
// does not say which space. With the distance we asked for then, that gives the point inside the
// block:
//     point = (size of the last block + distance asked for after it) - bytes since its start.
// The space is the one for which the point lies inside the block.
//
// The distances are exponential, and so have no memory: a point that lies beyond the block it was
// reported for (the first report of a space comes at its first block, asked for by V8 and not by
// us; distances beyond V8's integers are asked for in parts) is simply waited for once more.
//
// A block is what machine code reserves, for the longest of its paths: what it does not use is
// handed out again. So the next blocks may begin inside the one reported last, where no further
// point can be, and no two blocks share a byte that both stand for: with D the bytes since the
// start of a last block of S bytes, the first max(0, S - D) bytes of the next one that is reported
// are the last one's. What lies there is found when the block's objects are looked at, see
// layout/block_member.h; a sample stands for the rest. Of a last block that was not reported nobody
// knows: what begins in the e bytes that it did not use, and goes beyond them, then counts for e/2R
// of its size too much, on average and at most. (V8's own code leaves up to 32 bytes.)
#ifndef TRACEMALLOC_CORE_SAMPLE_POINTS_H_
#define TRACEMALLOC_CORE_SAMPLE_POINTS_H_

#include <cstddef>
#include <cstdint>

#include "core/sampler.h"

namespace tracemalloc {

// What a sample stands for: the bytes of its block behind `begin`, each with the same chance of
// being the one under `place`, in (begin, size of the block].
struct SamplePlace {
  double begin;
  double place;
};

class SamplePoints {
 public:
  explicit SamplePoints(const Sampler& sampler) : sampler_(sampler) {}

  // A block is reported. True if a point lies in it.
  bool Locate(int64_t bytes_since_last, uintptr_t block, size_t size, SamplePlace* place);

  // The distance to ask for, counted from the end of the block located last.
  int64_t NextDistance();

  // While true every block is reported and none is a sample.
  void set_rehearsing(bool rehearsing) { rehearsing_ = rehearsing; }

  // Points whose space could not be told.
  uint64_t unmatched() const { return unmatched_; }

 private:
  struct Space {
    int64_t size;       // of the last block
    int64_t end;        // distance asked for, from the start of the last block
    double beyond;      // what the distance drawn has more than that asked for, or less: V8 counts
                        // whole bytes, and a point rounded up may lie in the next object
    uintptr_t address;  // of the last block
    bool is_fresh;      // the distance was not drawn by us
  };
  // More than V8 has spaces; the surplus shares the last entry.
  static constexpr size_t kMaxSpaces = 16;

  // The space whose last block lies nearest to `block`, among those accepted.
  template <typename Accept>
  Space* Nearest(uintptr_t block, Accept accept);
  Space* NewSpace();

  Sampler sampler_;
  Space spaces_[kMaxSpaces];
  size_t space_count_ = 0;
  Space* last_ = nullptr;
  double distance_ = 1;
  bool rehearsing_ = false;
  uint64_t unmatched_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_SAMPLE_POINTS_H_

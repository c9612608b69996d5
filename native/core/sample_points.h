// SPDX-License-Identifier: MIT
// Where the sample points fall on the streams of allocated bytes that V8 counts, one per heap
// space.
//
// V8 reports to an allocation observer the block that reaches or passes the requested distance, and
// how many bytes were allocated in that space since the start of the last reported block. It does
// not say which space. With the distance requested then, this gives the point inside the block:
//     point = (size of the last block + distance requested after it) - bytes since its start.
// The space is the one for which the point lies inside the block.
//
// The distances are exponential, and so memoryless: if a point lies beyond the block for which it
// was reported (the first report of a space comes at its first block, requested by V8 and not by
// us; distances beyond V8's integers are requested in parts), the distance to it is requested
// again.
//
// A block is reserved by machine code for the longest of its paths; what another path does not use
// is allocated again. So the next blocks may begin inside the last reported one, where no further
// point can be, and no byte may count for two blocks: with D the bytes since the start of a last
// block of S bytes, the first max(0, S - D) bytes of the next reported block belong to the last
// one. The objects there are found when the block's objects are examined, see
// layout/block_member.h; a sample stands for the rest. A last block that was not reported is
// unknown: an object that begins in the e bytes that it did not use, and goes beyond them, then
// counts too much, by at most e/2R of its size on average. (V8's own code leaves up to 32 bytes.)
#ifndef TRACEMALLOC_CORE_SAMPLE_POINTS_H_
#define TRACEMALLOC_CORE_SAMPLE_POINTS_H_

#include <cstddef>
#include <cstdint>

#include "core/sampler.h"

namespace tracemalloc {

// What a sample stands for: the bytes of its block after `begin`, each with the same probability of
// being under `place`, which is in (begin, size of the block].
// The point was drawn with `interval`.
struct SamplePlace {
  double begin;
  double place;
  double interval;
};

class SamplePoints {
 public:
  explicit SamplePoints(const Sampler& sampler) : sampler_(sampler) {}

  // To be called when a block is reported. True if a point lies in it.
  bool Locate(int64_t bytes_since_last, uintptr_t block, size_t size, SamplePlace* place);

  // The distance to request, counted from the end of the block located last.
  int64_t NextDistance();

  // For points that are drawn from now on.
  void set_interval(double interval) { sampler_.set_interval(interval); }

  // While true every block is reported and none is a sample.
  void set_rehearsing(bool rehearsing) { rehearsing_ = rehearsing; }

  // Points whose space could not be determined.
  uint64_t unmatched() const { return unmatched_; }

 private:
  struct Space {
    int64_t size;     // of the last block
    int64_t end;      // distance requested, from the start of the last block
    double beyond;    // the distance drawn minus the distance requested: V8 counts whole bytes, and
                      // a point that is rounded up may lie in the next object
    double interval;  // with which the distance was drawn
    uintptr_t address;  // of the last block
    bool is_fresh;      // the distance was drawn by V8
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

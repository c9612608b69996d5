// SPDX-License-Identifier: MIT
// Which object of a block a sample stands for. Optimising compilers, V8's own builtins among their
// work, merge neighbouring allocations into one block and V8 reports that as one allocation: the
// block's first object may be garbage at once while the others live, or the other way round. When
// the next collection begins, all objects of the block are there, and the one that lies under the
// sample's point is found by walking them.
//
// A block is as large as the longest path of the code that reserved it needs, and what another path
// leaves of it goes to whatever is allocated next, anywhere in the program. Those objects begin in
// the block, are reported by nobody else as far as they lie in it, and may go beyond its end.
#ifndef TRACEMALLOC_LAYOUT_BLOCK_MEMBER_H_
#define TRACEMALLOC_LAYOUT_BLOCK_MEMBER_H_

#include <cstddef>
#include <cstdint>

#include "core/sample_points.h"
#include "layout/object_layout.h"

namespace tracemalloc {

struct BlockMember {
  enum class Kind {
    kWhole,  // the block is one object
    kPart,   // the first, or tied to others by a pointer that no program can have made: to elements
    kMerged,   // one of several that together fill the block
    kLater,    // one of several, perhaps of those that got what was left of the block
    kUnused,   // the point lies in what was never used, or was given back
    kUnknown,  // an object of unknown size is in the way: the block's first object, if it is one
    kNone,     // no object at all
  };
  Kind kind;
  uintptr_t address;
  size_t size;
  // Where all objects of the block are tied to each other, and so live and die together, of them
  // all; else of the member alone: bytes of an object, on average, and those that the sample stands
  // for.
  double mean_size;
  double share;
};

// The bounds of the areas in which V8 bump-allocates: behind the top of one there are no objects.
class AllocationAreas {
 public:
  // `new_space_top`: the word that moves with allocations in new space; the old space's follows it
  // at a fixed distance. Null: not known.
  void Init(const uintptr_t* new_space_top);
  bool is_known() const { return new_space_top_ != nullptr; }

  // Whether V8 is bump-allocating the block at `address` in old space. False if areas aren't known.
  bool IsOld(uintptr_t address) const {
    return old_space_top_ != nullptr && address >= old_space_top_[-1] &&
           address < old_space_top_[1];
  }

  // Where objects end in [begin, end).
  uintptr_t EndOfObjects(uintptr_t begin, uintptr_t end) const;

 private:
  const uintptr_t* new_space_top_ = nullptr;
  const uintptr_t* old_space_top_ = nullptr;
};

// All of the block must have been initialised: not from inside an allocation.
BlockMember FindBlockMember(ObjectLayout* layout, const AllocationAreas& areas, uintptr_t block,
                            size_t size, const SamplePlace& place);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_BLOCK_MEMBER_H_

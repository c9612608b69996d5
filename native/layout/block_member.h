// SPDX-License-Identifier: MIT
// Finds the object of a block for which a sample stands. Optimising compilers, also those of V8's
// own builtins, merge neighbouring allocations into one block, and V8 reports that as one
// allocation: the block's first object may be garbage at once while the others live, or the other
// way round. When the next garbage collection begins, all objects of the block exist, and the one
// under the sample's point is found by walking them.
//
// A block is as large as the longest path of the code that reserved it needs, and what a shorter
// path leaves of it goes to whatever is allocated next, anywhere in the program. Those objects
// begin in the block, the bytes that they have in it are not reported again, and they may go beyond
// its end.
#ifndef TRACEMALLOC_LAYOUT_BLOCK_MEMBER_H_
#define TRACEMALLOC_LAYOUT_BLOCK_MEMBER_H_

#include <cstddef>
#include <cstdint>

#include "core/sample_points.h"
#include "layout/object_layout.h"

namespace tracemalloc {

struct BlockMember {
  enum class Kind {
    kWhole,    // the block is one object
    kPart,     // the first, or tied to others by a pointer that no program can make: to elements
    kMerged,   // one of several that together fill the block
    kLater,    // one of several, perhaps allocated later in what was left of the block
    kUnused,   // the point lies in memory that was never used, or was given back
    kUnknown,  // an object of unknown size precedes it: the block's first object, if it is one
    kNone,     // no object at all
  };
  Kind kind;
  uintptr_t address;
  size_t size;
  // The mean size of the objects, and the bytes for which the sample stands: of all objects of the
  // block if they are tied to each other, and so live and die together; else of the member alone.
  double mean_size;
  double share;
};

// The areas in which V8 bump-allocates: after the top of an area there are no objects.
class AllocationAreas {
 public:
  // `new_space_top`: the word that moves with allocations in new space; the old space's word
  // follows it at a fixed distance. Null: not known.
  void Init(const uintptr_t* new_space_top);
  bool is_known() const { return new_space_top_ != nullptr; }

  // Whether V8 bump-allocates at `address` in old space. False if the areas aren't known.
  bool IsOld(uintptr_t address) const {
    return old_space_top_ != nullptr && address >= old_space_top_[-1] &&
           address < old_space_top_[1];
  }

  // The end of the objects in [begin, end).
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

// SPDX-License-Identifier: MIT
#include "v8/block_member.h"

namespace tracemalloc {

namespace {

// Each area is {start, top, limit}, and the old space's follows the new space's.
constexpr size_t kWordsPerArea = 3;

}  // namespace

void AllocationAreas::Init(const uintptr_t* new_space_top) {
  new_space_top_ = new_space_top;
  old_space_top_ = new_space_top == nullptr ? nullptr : new_space_top + kWordsPerArea;
}

uintptr_t AllocationAreas::EndOfObjects(uintptr_t begin, uintptr_t end) const {
  for (const uintptr_t* top : {new_space_top_, old_space_top_}) {
    if (top != nullptr && *top >= begin && *top < end) end = *top;
  }
  return end;
}

BlockMember FindBlockMember(ObjectLayout* layout, const AllocationAreas& areas, uintptr_t block,
                            size_t size, double place) {
  using Kind = BlockMember::Kind;
  const uintptr_t end = areas.EndOfObjects(block, block + size);
  if (end == block) return {Kind::kUnused, 0, 0};
  const ObjectLayout::Extent first = layout->Measure(block);
  if (first.kind == ObjectLayout::Kind::kObject && first.size == size) {
    return {Kind::kWhole, block, size};
  }
  const bool has_first =
      first.kind == ObjectLayout::Kind::kObject || first.kind == ObjectLayout::Kind::kUnknown;
  const BlockMember unknown{has_first ? Kind::kUnknown : Kind::kNone, block, size};
  if (!areas.is_known()) return unknown;
  uintptr_t address = block;
  while (address < end) {
    const ObjectLayout::Extent extent = layout->Measure(address);
    if (extent.size > end - address && address != block) break;  // began after the block's objects
    if (extent.kind == ObjectLayout::Kind::kNone || extent.kind == ObjectLayout::Kind::kUnknown ||
        extent.size == 0 || extent.size > end - address) {
      return unknown;
    }
    if (static_cast<double>(address + extent.size - block) >= place) {
      if (extent.kind == ObjectLayout::Kind::kUnused) return {Kind::kUnused, 0, 0};
      return {Kind::kPart, address, extent.size};
    }
    address += extent.size;
  }
  return {Kind::kUnused, 0, 0};
}

}  // namespace tracemalloc

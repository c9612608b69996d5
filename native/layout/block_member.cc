// SPDX-License-Identifier: MIT
#include "layout/block_member.h"

#include <algorithm>

namespace tracemalloc {

namespace {

// Each area is {start, top, limit}; the old space's area follows the new space's.
constexpr size_t kWordsPerArea = 3;

constexpr size_t kWord = sizeof(uintptr_t);

// Whether the sequence of objects from `address` on ends exactly at `end`.
bool EndsAt(ObjectLayout* layout, uintptr_t address, uintptr_t end) {
  while (address < end) {
    const ObjectLayout::Extent extent = layout->Measure(address);
    if (!extent.is_known()) return false;
    address += extent.size;
  }
  return address == end;
}

// Whether one of the words in [begin, end) is a pointer to an object in [first, last] that
// JavaScript can't refer to.
bool RefersToInternal(ObjectLayout* layout, uintptr_t begin, uintptr_t end, uintptr_t first,
                      uintptr_t last) {
  // Far more than the fields through which merged objects refer to each other.
  constexpr size_t kMaxBytes = 512;
  if (end - begin > kMaxBytes) end = begin + kMaxBytes;
  for (; begin < end; begin += kWord) {
    const uintptr_t value = *reinterpret_cast<const uintptr_t*>(begin);
    if (value >= (first | 1) && value <= (last | 1) && layout->IsInternal(value & ~uintptr_t{1})) {
      return true;
    }
  }
  return false;
}

// The relation to its block of the object at `address`, which is not the block's first.
BlockMember::Kind RelationTo(ObjectLayout* layout, uintptr_t block, uintptr_t end,
                             uintptr_t end_of_objects, uintptr_t address) {
  using Kind = BlockMember::Kind;
  if (layout->AreBufferAndElements(block, address)) return Kind::kPart;
  if (end_of_objects != end || !EndsAt(layout, address, end)) return Kind::kLater;
  const uintptr_t behind = address + layout->Measure(address).size;
  const bool are_tied = RefersToInternal(layout, block, address, address, address) ||
                        RefersToInternal(layout, address, behind, block, address - kWord);
  return are_tied ? Kind::kPart : Kind::kMerged;
}

struct Group {
  uint32_t objects = 0;
  double bytes = 0;
  double share = 0;  // the part of the bytes that is after `begin`
};

// The block's objects if they are all tied to each other; else none.
Group FindGroup(ObjectLayout* layout, uintptr_t block, uintptr_t end, double begin) {
  constexpr uint32_t kMost = 8;  // the objects of a literal are equally large, and many
  Group group;
  uintptr_t address = block;
  while (address < end && group.objects < kMost) {
    const ObjectLayout::Extent extent = layout->Measure(address);
    if (!extent.is_known()) return {};
    if (extent.kind == ObjectLayout::Kind::kObject) {
      const bool is_tied = address == block ||
                           RelationTo(layout, block, end, end, address) == BlockMember::Kind::kPart;
      if (!is_tied) return {};
      const double from = static_cast<double>(address - block);
      const double size = static_cast<double>(extent.size);
      group.objects++;
      group.bytes += size;
      group.share += std::max(0.0, from + size - std::max(from, begin));
    }
    address += extent.size;
  }
  return address == end ? group : Group();
}

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
                            size_t size, const SamplePlace& place) {
  using Kind = BlockMember::Kind;
  const uintptr_t end = areas.EndOfObjects(block, block + size);
  const double bytes = static_cast<double>(size);
  if (end == block) return {Kind::kUnused, 0, 0, 0, 0};
  const ObjectLayout::Extent first = layout->Measure(block);
  if (first.kind == ObjectLayout::Kind::kObject && first.size == size) {
    return {Kind::kWhole, block, size, bytes, bytes - place.begin};
  }
  const bool has_first =
      first.kind == ObjectLayout::Kind::kObject || first.kind == ObjectLayout::Kind::kUnknown;
  const BlockMember unknown{has_first ? Kind::kUnknown : Kind::kNone, block, size, bytes,
                            bytes - place.begin};
  if (!areas.is_known()) return unknown;
  uintptr_t address = block;
  while (address < end) {
    const ObjectLayout::Extent extent = layout->Measure(address);
    // Later objects may go beyond the block, but not beyond the end of all objects.
    const bool may_exceed = address != block && end == block + size;
    if (!extent.is_known() || (extent.size > end - address && !may_exceed)) return unknown;
    const double from = static_cast<double>(address - block);
    const double to = std::min(from + static_cast<double>(extent.size), bytes);
    if (to >= place.place) {
      if (extent.kind == ObjectLayout::Kind::kUnused) return {Kind::kUnused, 0, 0, 0, 0};
      const Kind kind =
          address == block ? Kind::kPart : RelationTo(layout, block, block + size, end, address);
      const Group group = kind == Kind::kPart && end == block + size
                              ? FindGroup(layout, block, end, place.begin)
                              : Group();
      if (group.objects > 1) {
        return {kind, address, extent.size, group.bytes / group.objects, group.share};
      }
      const double mean_size = static_cast<double>(extent.size);
      return {kind, address, extent.size, mean_size, to - std::max(from, place.begin)};
    }
    address += extent.size;
  }
  return {Kind::kUnused, 0, 0, 0, 0};
}

}  // namespace tracemalloc

// SPDX-License-Identifier: MIT
// A program that compiles code as it runs (templates, vm, new Function) creates new sites without
// end. Here sites without live memory are removed, with the frames and strings that only they used.
//
// Sites with live memory stay. Of the others, there may be as many as there are live ones, or
// kSpareSites if that is more. When there are more, and at the latest when there are twice as many,
// a sweep leaves half of that number: first those that were sampled more than once, then those
// sampled most recently, since a line that constantly makes garbage is worth seeing. So the cost
// per site is constant. If frames or names grow without sites (a class that is made again and again
// has a new name each time), they are swept when they have doubled.
//
// The totals of removed sites (what was allocated since start) are added to a rest, a site whose
// only frame is named kRestName: the rest of their file, as long as another site of that file
// stays, else the rest of the domain. So removing sites never changes the sums over all sites.
#ifndef TRACEMALLOC_CORE_RECLAIM_H_
#define TRACEMALLOC_CORE_RECLAIM_H_

#include <cstdint>
#include <vector>

#include "core/renumbering.h"
#include "core/tables.h"

namespace tracemalloc {

constexpr uint32_t kSpareSites = 4096;
constexpr char kRestName[] = "(no longer live)";

// Implemented by everything that keeps ids of the tables between two calls.
class IdHolder {
 public:
  virtual ~IdHolder() = default;
  // Marks the frames it needs besides those of sites that stay. May throw std::bad_alloc.
  virtual void MarkFrames(std::vector<bool>*) {}
  // Marks the strings it needs besides those of frames that stay. May throw std::bad_alloc.
  virtual void MarkStrings(const std::vector<bool>& /*frames*/, std::vector<bool>* /*strings*/) {}
  virtual void Renumber(const Renumbering& ids) noexcept = 0;
};

// Cheap enough to be called after each garbage collection.
enum class ReclaimDue {
  kNo,
  kSoon,  // it can wait until frames are named
  kNow,   // there is twice as much as for kSoon
};
ReclaimDue WhenToReclaim(const Tables& tables);

// All or nothing: std::bad_alloc leaves every id unchanged. Cost: linear in the tables and in the
// ids of the holders; allocates some numbers per entry, but no entries.
void Reclaim(Tables* tables, const std::vector<IdHolder*>& holders);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_RECLAIM_H_

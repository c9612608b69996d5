// SPDX-License-Identifier: MIT
// What a program compiles as it runs (templates, vm, new Function) makes new sites for ever. Here
// the tables give back those that nothing lives of, with the frames and strings that only they
// named.
//
// Sites of which something lives stay. Of the others, as many stay as live, and kSpareSites at
// least: those that had samples last, since a line that makes garbage all the time is a line worth
// seeing. When there are twice as many, half go, so that giving back costs each site a constant.
// Where frames or names grow without sites (a class made anew each time has a new name), it is done
// when they have doubled.
//
// Their totals (what was allocated since start) go to a rest, which is a site whose only frame is
// called kRestName: the rest of their file, as long as another site of that file stays, else the
// rest of the domain. So sums over all sites never change, and never fall.
#ifndef TRACEMALLOC_CORE_RECLAIM_H_
#define TRACEMALLOC_CORE_RECLAIM_H_

#include <cstdint>
#include <vector>

#include "core/renumbering.h"
#include "core/tables.h"

namespace tracemalloc {

constexpr uint32_t kSpareSites = 4096;
constexpr char kRestName[] = "(no longer live)";

// Whoever keeps ids of the tables between two calls.
class IdHolder {
 public:
  virtual ~IdHolder() = default;
  // Marks the frames it needs beside those of sites that stay. May throw std::bad_alloc.
  virtual void MarkFrames(std::vector<bool>*) {}
  // Marks the strings it needs beside those of frames that stay. May throw std::bad_alloc.
  virtual void MarkStrings(const std::vector<bool>& /*frames*/, std::vector<bool>* /*strings*/) {}
  virtual void Renumber(const Renumbering& ids) noexcept = 0;
};

// Cheap: to be asked after each collection.
enum class ReclaimDue {
  kNo,
  kSoon,  // it can wait for frames to get their names
  kNow,   // twice as much has gathered as for kSoon
};
ReclaimDue WhenToReclaim(const Tables& tables);

// All or nothing: std::bad_alloc leaves every id as it was. Cost: linear in the tables and in what
// the holders hold; allocates numbers per entry, no entries.
void Reclaim(Tables* tables, const std::vector<IdHolder*>& holders);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_RECLAIM_H_

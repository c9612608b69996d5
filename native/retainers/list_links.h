// SPDX-License-Identifier: MIT
// The links of lists: fields by which objects of one map refer to each other. All links of a kind
// are read in one pass, as a list would take a pass for each of its links.
#ifndef TRACEMALLOC_RETAINERS_LIST_LINKS_H_
#define TRACEMALLOC_RETAINERS_LIST_LINKS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "retainers/copied_page.h"

namespace tracemalloc {

class ListLinks {
 public:
  struct Link {
    uintptr_t from;
    uintptr_t to;
    uint32_t offset;
  };

  // Kinds that are noted in a pass are read in the next one.
  void BeginPass();
  // Objects with this map refer to each other at this offset.
  void NoteKind(uintptr_t map, uint32_t offset);
  bool IsReading() const { return kinds_in_pass_ > 0; }
  bool IsEmpty() const { return links_.empty(); }
  // If an object of a noted kind begins at `address` of the page, its link.
  void Read(const CopiedPage& page, uintptr_t address);
  // Before `ForEachLinkTo`. Calls `poll` at each step.
  template <typename Poll>
  void Sort(Poll poll);
  template <typename Visit>
  void ForEachLinkTo(uintptr_t object, Visit visit) const;

  size_t MemoryUsage() const { return links_.capacity() * sizeof(Link); }

 private:
  struct Kind {
    uintptr_t map;
    uint32_t offset;
  };

  std::vector<Kind> kinds_;
  std::vector<Link> links_;
  size_t kinds_in_pass_ = 0;
};

template <typename Poll>
void ListLinks::Sort(Poll poll) {
  std::sort(links_.begin(), links_.end(), [&](const Link& a, const Link& b) {
    poll();
    return a.to < b.to;
  });
}

template <typename Visit>
void ListLinks::ForEachLinkTo(uintptr_t object, Visit visit) const {
  auto link = std::lower_bound(links_.begin(), links_.end(), object,
                               [](const Link& a, uintptr_t to) { return a.to < to; });
  for (; link != links_.end() && link->to == object; ++link) visit(*link);
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_RETAINERS_LIST_LINKS_H_

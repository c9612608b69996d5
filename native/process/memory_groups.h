// SPDX-License-Identifier: MIT
// The control groups that limit this process's memory: of version 1 or 2, nested or not. The kernel
// ends a process of a group if the group needs more than its limit and has no caches to give back.
// Sources: Linux's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
#ifndef TRACEMALLOC_PROCESS_MEMORY_GROUPS_H_
#define TRACEMALLOC_PROCESS_MEMORY_GROUPS_H_

#include <string>
#include <vector>

namespace tracemalloc {

// Bytes.
struct MemoryUse {
  double used;  // what the kernel can't give back: without caches
  double limit;

  double share() const { return used / limit; }
};

class MemoryGroups {
 public:
  // The groups of this process that have a limit below the machine's memory. `root`: empty, or, in
  // tests, a directory with `proc` and `sys` in place of the machine's.
  explicit MemoryGroups(const std::string& root = "");

  // The group that is nearest to its limit, whatever the limit is by now. Caches are left out
  // above this share only: to sum them up costs the kernel more than all else. False: none has
  // a limit.
  bool Read(double exact_from, MemoryUse* use) const;

 private:
  struct Group {
    std::string directory;
    bool is_unified;  // version 2
  };

  static bool ReadGroup(const Group& group, double exact_from, MemoryUse* use);
  void Add(const std::string& mount, const std::string& path, bool is_unified);

  std::vector<Group> groups_;
};

// The resident memory of this process, bytes; 0: unknown.
double ResidentSetSize();

}  // namespace tracemalloc

#endif  // TRACEMALLOC_PROCESS_MEMORY_GROUPS_H_

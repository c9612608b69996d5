// SPDX-License-Identifier: MIT
#include "process/memory_groups.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string_view>

namespace tracemalloc {
namespace {

// No file that is read here is longer, except /proc/self/mountinfo.
constexpr size_t kPiece = 16 << 10;

double MachineMemory() {
  return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

bool ReadWhole(const std::string& path, std::string* text) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  text->clear();
  for (;;) {
    char piece[kPiece];
    const ssize_t length = read(fd, piece, sizeof(piece));
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) break;
    text->append(piece, static_cast<size_t>(length));
  }
  close(fd);
  return true;
}

// False: no such file, or a word such as `max`.
bool ReadNumber(const std::string& path, double* number) {
  std::string text;
  if (!ReadWhole(path, &text)) return false;
  char* end = nullptr;
  *number = std::strtod(text.c_str(), &end);
  return end != text.c_str();
}

// The number in a line `name number`; 0: there is none.
double StatOf(const std::string& stat, std::string_view name) {
  size_t begin = 0;
  while (begin < stat.size()) {
    size_t end = stat.find('\n', begin);
    if (end == std::string::npos) end = stat.size();
    const std::string_view line(stat.data() + begin, end - begin);
    if (line.size() > name.size() && line[name.size()] == ' ' &&
        line.substr(0, name.size()) == name) {
      return std::strtod(line.data() + name.size(), nullptr);
    }
    begin = end + 1;
  }
  return 0;
}

struct Mount {
  std::string root;   // the part of the hierarchy that is mounted
  std::string point;  // where
};

bool HasWord(const std::string& words, std::string_view word) {
  std::istringstream in(words);
  for (std::string each; std::getline(in, each, ',');) {
    if (each == word) return true;
  }
  return false;
}

// proc_pid_mountinfo(5). Spaces in paths are `\040`; of such paths no group is found.
Mount FindMount(const std::string& mountinfo, bool is_unified) {
  std::istringstream lines(mountinfo);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string id, parent, device, root, point, field, type, source, options;
    fields >> id >> parent >> device >> root >> point;
    while (fields >> field && field != "-") {
    }
    fields >> type >> source >> options;
    if (is_unified ? type == "cgroup2" : type == "cgroup" && HasWord(options, "memory")) {
      return {root, point};
    }
  }
  return {};
}

}  // namespace

MemoryGroups::MemoryGroups(const std::string& root) {
  std::string memberships, mountinfo;
  if (!ReadWhole(root + "/proc/self/cgroup", &memberships)) return;
  if (!ReadWhole(root + "/proc/self/mountinfo", &mountinfo)) return;
  // cgroups(7): `hierarchy:controllers:path`, of version 2 `0::path`.
  std::istringstream lines(memberships);
  for (std::string line; std::getline(lines, line);) {
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool is_unified = controllers.empty();
    if (!is_unified && !HasWord(controllers, "memory")) continue;
    const Mount mount = FindMount(mountinfo, is_unified);
    if (mount.point.empty()) continue;
    std::string path = line.substr(second + 1);
    // In a container the hierarchy is often mounted from the container's own group on, and a group
    // outside of a namespace's begins with `/..`.
    const std::string prefix = mount.root == "/" ? "" : mount.root;
    const bool is_outside =
        path.compare(0, prefix.size(), prefix) != 0 || path.compare(0, 3, "/..") == 0;
    path = is_outside ? "/" : path.substr(prefix.size());
    Add(root + mount.point, path, is_unified);
  }
}

// The group and all groups that contain it.
void MemoryGroups::Add(const std::string& mount, const std::string& path, bool is_unified) {
  std::string below = path == "/" ? "" : path;
  for (;;) {
    const Group group{mount + below, is_unified};
    MemoryUse use{};
    if (ReadGroup(group, 1, &use)) groups_.push_back(group);
    if (below.empty()) return;
    below.resize(below.rfind('/') == std::string::npos ? 0 : below.rfind('/'));
  }
}

bool MemoryGroups::Read(double exact_from, MemoryUse* use) const {
  bool found = false;
  for (const Group& group : groups_) {
    MemoryUse one{};
    if (!ReadGroup(group, exact_from, &one) || (found && one.share() <= use->share())) continue;
    *use = one;
    found = true;
  }
  return found;
}

bool MemoryGroups::ReadGroup(const Group& group, double exact_from, MemoryUse* use) {
  const auto file = [&group](const char* name) { return group.directory + name; };
  const bool is_unified = group.is_unified;
  if (!ReadNumber(file(is_unified ? "/memory.max" : "/memory.limit_in_bytes"), &use->limit) ||
      !ReadNumber(file(is_unified ? "/memory.current" : "/memory.usage_in_bytes"), &use->used) ||
      use->limit <= 0 || use->limit >= MachineMemory()) {
    return false;
  }
  std::string stat;
  if (use->share() < exact_from || !ReadWhole(file("/memory.stat"), &stat)) return true;
  // Version 1 counts the kernel's caches separately.
  for (const char* name : {"active_file", "inactive_file", "slab_reclaimable"}) {
    use->used -= StatOf(stat, is_unified ? name : std::string("total_") + name);
  }
  return true;
}

double ResidentSetSize() {
  std::string text;
  unsigned long long pages = 0;
  if (!ReadWhole("/proc/self/statm", &text) || std::sscanf(text.c_str(), "%*u %llu", &pages) != 1) {
    return 0;
  }
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace tracemalloc

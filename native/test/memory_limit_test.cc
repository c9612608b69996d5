// SPDX-License-Identifier: MIT
// On directories that look like the machine's.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include "process/memory_groups.h"
#include "process/memory_watch.h"

namespace tracemalloc {
namespace {

namespace files = std::filesystem;

class Machine {
 public:
  Machine() {
    char name[] = "/tmp/tracemalloc-groups-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    root_ = name;
  }
  ~Machine() { files::remove_all(root_); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  void Write(const std::string& path, const std::string& text) const {
    files::create_directories(files::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text;
  }
  void Process(const std::string& groups, const std::string& mounts) const {
    Write("/proc/self/cgroup", groups);
    Write("/proc/self/mountinfo", mounts);
  }
  void Unified(const std::string& group, const std::string& used, const std::string& max) const {
    Write("/sys/fs/cgroup" + group + "/memory.current", used);
    Write("/sys/fs/cgroup" + group + "/memory.max", max);
  }
  MemoryUse Use() const {
    MemoryUse use{0, 0};
    MemoryGroups(root_).Read(0.5, &use);
    return use;
  }

 private:
  std::string root_;
};

constexpr char kUnifiedMount[] =
    "25 1 0:22 / /proc rw - proc proc rw\n"
    "30 1 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";

}  // namespace

TEST_CASE("version 2: the group that is nearest to its limit, without pages of files") {
  const Machine machine;
  machine.Process("0::/pods/service\n", kUnifiedMount);
  machine.Unified("/pods", "90000000\n", "200000000\n");
  machine.Unified("/pods/service", "60000000\n", "100000000\n");
  CHECK(machine.Use().used == 60000000);
  CHECK(machine.Use().limit == 100000000);
  machine.Write("/sys/fs/cgroup/pods/service/memory.stat",
                "anon 1\nfile 30000000\nactive_file 10000000\ninactive_file 11000000\n"
                "slab_reclaimable 4000000\n");
  CHECK(machine.Use().used == 90000000);
  CHECK(machine.Use().limit == 200000000);
  machine.Unified("/pods", "max\n", "max\n");
  CHECK(machine.Use().used == 35000000);
}

TEST_CASE("version 2, in a container with a namespace: the mount is its own group") {
  const Machine machine;
  machine.Process("0::/\n", kUnifiedMount);
  machine.Unified("", "10\n", "1000000\n");
  CHECK(machine.Use().limit == 1000000);
  machine.Process("0::/../../other\n", kUnifiedMount);
  CHECK(machine.Use().limit == 1000000);
}

TEST_CASE("version 1: of the controller memory, in a container without a namespace") {
  const Machine machine;
  machine.Process("4:cpu,cpuacct:/docker/abc\n7:memory:/docker/abc\n0::/\n",
                  "40 1 0:30 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n"
                  "41 1 0:31 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
  machine.Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "100000000\n");
  machine.Write("/sys/fs/cgroup/memory/memory.usage_in_bytes", "80000000\n");
  machine.Write("/sys/fs/cgroup/memory/memory.stat",
                "active_file 1\ntotal_active_file 5000000\ntotal_inactive_file 5000000\n");
  CHECK(machine.Use().used == 70000000);
  CHECK(machine.Use().limit == 100000000);
  machine.Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  CHECK(machine.Use().limit == 0);
}

TEST_CASE("nothing limits the process: no groups, none with a limit, damaged files") {
  const Machine machine;
  CHECK(machine.Use().limit == 0);
  machine.Process("0::/a\n", kUnifiedMount);
  CHECK(machine.Use().limit == 0);
  machine.Unified("/a", "1000\n", "max\n");
  CHECK(machine.Use().limit == 0);
  machine.Unified("/a", "x\n", "\n");
  CHECK(machine.Use().limit == 0);
  machine.Process(":\n::\nmemory\n", "\n- -\n");
  CHECK(machine.Use().limit == 0);
}

TEST_CASE("a mark is asked for until a report begins, and told if none does") {
  std::atomic<int> asked{0}, silent{0};
  MemoryWatchOptions options;
  options.limit = 1;  // which this process has passed
  options.percents = {80, 90};
  options.ask = [&asked] { asked++; };
  options.on_silence = [&silent](const MemoryMark& mark) {
    CHECK(mark.percent == 90);
    silent++;
  };
  MemoryWatch watch(std::move(options));
  while (silent == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const uint32_t number = watch.last_mark().number;
  CHECK(number > 0);
  CHECK(watch.last_mark().use.used > 1);
  const int before = asked;
  CHECK(before > 1);
  while (asked == before) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  watch.Begin(number);
  watch.End();
  CHECK(silent == 1);
}

TEST_CASE("a look that finds no memory is repeated") {
  std::atomic<int> asked{0};
  MemoryWatchOptions options;
  options.limit = 1;
  options.percents = {80};
  options.ask = [&asked] {
    if (++asked == 1) throw std::bad_alloc();
  };
  options.on_silence = [](const MemoryMark&) {};
  const MemoryWatch watch(std::move(options));
  while (asked < 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  CHECK(asked >= 2);
}

}  // namespace tracemalloc

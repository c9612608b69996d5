// SPDX-License-Identifier: MIT
// Watches, on a thread of its own, how near the process is to a limit of its memory, so that the
// process can report what holds the memory before the kernel ends it.
#ifndef TRACEMALLOC_PROCESS_MEMORY_WATCH_H_
#define TRACEMALLOC_PROCESS_MEMORY_WATCH_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "process/memory_groups.h"

namespace tracemalloc {

// A mark that memory use has passed.
struct MemoryMark {
  uint32_t number = 0;  // counts them; 0: none yet
  double percent = 0;   // of the limit, of the mark
  MemoryUse use{};
};

struct MemoryWatchOptions {
  // Bytes of the process's resident set; 0: the limits of its control groups.
  double limit = 0;
  std::vector<double> percents;  // ascending
  // Asks the program's threads for reports. Called repeatedly, since a thread may be where it can't
  // be interrupted.
  std::function<void()> ask;
  // No thread has begun a report for a while; called once for a mark.
  std::function<void(const MemoryMark&)> on_silence;
};

class MemoryWatch {
 public:
  using Clock = std::chrono::steady_clock;

  // Both functions are called on the watch's thread, which has no signals. Throws std::system_error
  // if there can't be another thread or descriptor.
  explicit MemoryWatch(MemoryWatchOptions options);
  // Waits for a function that is being called.
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  // On any thread: the last mark that was passed.
  MemoryMark last_mark();
  // On any thread: to be called when a report of the mark begins, and when it is written.
  void Begin(uint32_t number);
  void End();

 private:
  struct Mark {
    double percent;
    bool is_passed;   // now
    bool has_passed;  // ever
    Clock::time_point passed_at;
  };

  void Run();
  // How long to wait until the next look.
  std::chrono::milliseconds Look();
  double NextPercent() const;
  double ExactFrom() const;
  void Pass(const MemoryUse& use, Clock::time_point now);

  const MemoryWatchOptions options_;
  MemoryGroups groups_;
  Clock::time_point groups_read_;
  std::vector<Mark> marks_;
  Clock::time_point asked_;
  bool is_silent_ = false;  // on_silence was called for the last mark

  // Readable once the watch ends. A condition variable's wait by the monotonic clock needs a newer
  // C library than the addon does.
  const int end_;

  std::mutex mutex_;  // of what follows
  MemoryMark last_;
  uint32_t begun_ = 0;  // the last mark of which a report was begun
  int writing_ = 0;     // reports that are being written
  Clock::time_point written_;

  std::thread thread_;  // last: it uses all others
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_PROCESS_MEMORY_WATCH_H_

// SPDX-License-Identifier: MIT
#include "process/memory_watch.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

namespace tracemalloc {
namespace {

using std::chrono::milliseconds;

// The watch looks again before a program that allocates so fast can pass the next mark.
constexpr double kFastest = 4e9;  // bytes a second, as memset
constexpr milliseconds kShortest{15};
constexpr milliseconds kLongest{500};
// A process may be moved to another group.
constexpr std::chrono::seconds kGroupsLast{5};
// Percent of the limit.
constexpr double kSlack = 2;
// The least time between two reports of one mark.
constexpr std::chrono::minutes kPause{1};
// How long the program's threads have to begin a report.
constexpr milliseconds kPatience{1000};

class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

MemoryWatch::MemoryWatch(MemoryWatchOptions options)
    : options_(std::move(options)), groups_read_(Clock::now()), end_(eventfd(0, EFD_CLOEXEC)) {
  for (const double percent : options_.percents) marks_.push_back({percent, false, false, {}});
  // Without this descriptor the thread could not be ended.
  if (end_ < 0) throw std::system_error(errno, std::generic_category());
  const SignalsBlocked inherited;
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error&) {
    close(end_);
    throw;
  }
}

MemoryWatch::~MemoryWatch() {
  eventfd_write(end_, 1);
  thread_.join();
  close(end_);
}

MemoryMark MemoryWatch::last_mark() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return last_;
}

void MemoryWatch::Begin(uint32_t number) {
  const std::lock_guard<std::mutex> lock(mutex_);
  begun_ = std::max(begun_, number);
  writing_++;
}

void MemoryWatch::End() {
  const std::lock_guard<std::mutex> lock(mutex_);
  writing_--;
  written_ = Clock::now();
}

void MemoryWatch::Run() {
  prctl(PR_SET_NAME, "memory-limit");
  pollfd end = {end_, POLLIN, 0};
  milliseconds pause{0};
  while (poll(&end, 1, static_cast<int>(pause.count())) <= 0) {
    pause = kLongest;
    try {
      pause = Look();
    } catch (const std::bad_alloc&) {
      // Uncaught it would end the process. The next look may find memory.
    }
  }
}

milliseconds MemoryWatch::Look() {
  const Clock::time_point now = Clock::now();
  MemoryUse use{0, options_.limit};
  if (options_.limit > 0) {
    use.used = ResidentSetSize();
  } else {
    if (now - groups_read_ > kGroupsLast) {
      groups_ = MemoryGroups();
      groups_read_ = now;
    }
    if (!groups_.Read(ExactFrom(), &use)) return kLongest;
  }
  Pass(use, now);
  MemoryMark last;
  bool is_unheard = false;
  bool is_late = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    last = last_;
    is_unheard = last.number > begun_ && writing_ == 0;
    // A thread that writes a report can't begin another one.
    is_late = now - std::max(asked_, written_) > kPatience;
  }
  if (last.number != 0 && (is_unheard || !is_late)) options_.ask();
  if (is_unheard && is_late && !is_silent_) {
    is_silent_ = true;
    options_.on_silence(last);
  }
  const double room = use.limit * NextPercent() / 100 - use.used;
  const milliseconds pause(static_cast<int64_t>(1000 * room / kFastest));
  return is_unheard ? kShortest : std::clamp(pause, kShortest, kLongest);
}

// The lowest mark that is not passed, in percent; above all of them, the limit itself.
double MemoryWatch::NextPercent() const {
  for (const Mark& mark : marks_) {
    if (!mark.is_passed) return mark.percent;
  }
  return 100;
}

// From here on the use must be exact, also where a mark may be passed again.
double MemoryWatch::ExactFrom() const { return (marks_.front().percent - kSlack) / 100; }

// Passing a mark passes all marks below it. A mark can be passed again after less was used
// meanwhile.
void MemoryWatch::Pass(const MemoryUse& use, Clock::time_point now) {
  const double percent = 100 * use.share();
  double passed = 0;
  for (Mark& mark : marks_) {
    if (percent < mark.percent - kSlack) mark.is_passed = false;
    if (percent < mark.percent || mark.is_passed) continue;
    mark.is_passed = true;
    if (mark.has_passed && now - mark.passed_at < kPause) continue;
    mark.has_passed = true;
    mark.passed_at = now;
    passed = mark.percent;
  }
  if (passed == 0) return;
  asked_ = now;
  is_silent_ = false;
  // Also a thread that has answered another watch must hear of it.
  static std::atomic<uint32_t> numbers{0};
  const std::lock_guard<std::mutex> lock(mutex_);
  last_ = {++numbers, passed, use};
}

}  // namespace tracemalloc

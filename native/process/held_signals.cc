// SPDX-License-Identifier: MIT
#include "process/held_signals.h"

#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>

namespace tracemalloc {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
// A signal may arrive twice: for example, from a terminal and from npm, or from a supervisor and
// from its shell.
constexpr int64_t kOneSignal = kNanosPerSecond;
// For a process that signals itself. Takes microseconds, unless the waiter gets no core.
constexpr int64_t kConfirmation = kNanosPerSecond;

struct Held {
  std::atomic<bool> is_held;
  struct sigaction before;
};

Held held[NSIG];
pid_t holder;
std::atomic<int> came;
std::atomic<int64_t> came_at;
std::atomic<bool> is_confirmed;
// The waiter's futex: whether it has been woken.
std::atomic<uint32_t> wake_ups;
static_assert(std::atomic<int64_t>::is_always_lock_free && sizeof(wake_ups) == sizeof(uint32_t),
              "used in a signal handler, and by the kernel");

void AwaitConfirmation() {
  const int64_t deadline = MonotonicNow() + kConfirmation;
  const timespec pause = {0, 20'000};
  while (!is_confirmed && MonotonicNow() < deadline) nanosleep(&pause, nullptr);
}

void Act(int signal) {
  if (held[signal].is_held.exchange(false)) sigaction(signal, &held[signal].before, nullptr);
  raise(signal);
  sigset_t own;
  sigemptyset(&own);
  sigaddset(&own, signal);
  sigset_t before;
  sigprocmask(SIG_UNBLOCK, &own, &before);  // if it was blocked, it takes effect here
  sigprocmask(SIG_SETMASK, &before, nullptr);
}

// Async-signal-safe.
void OnSignal(int signal, siginfo_t* info, void*) {
  const int error = errno;
  int none = 0;
  if (getpid() != holder) {
    Act(signal);  // a fork, which has no waiting thread
  } else if (came.compare_exchange_strong(none, signal)) {
    came_at = MonotonicNow();
    WakeWaiter();
    if (info->si_pid == holder && info->si_code <= 0) AwaitConfirmation();
  } else if (came_at != 0 && MonotonicNow() - came_at > kOneSignal) {
    Act(signal);
  }
  errno = error;
}

bool IsOurs(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == OnSignal;
}

// Node's own action, which resets the terminal, applies once, and is then replaced by the default.
bool EndsProcess(const struct sigaction& action) {
  const bool is_default = (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL;
  return is_default || (action.sa_flags & SA_RESETHAND) != 0;
}

}  // namespace

bool HoldSignal(int signal) {
  struct sigaction now;
  if (getpid() == 1 || sigaction(signal, nullptr, &now) != 0) return false;
  if (IsOurs(now)) return true;
  if (!EndsProcess(now)) return false;
  holder = getpid();
  held[signal].before = now;
  struct sigaction ours = {};
  ours.sa_sigaction = OnSignal;
  ours.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&ours.sa_mask);
  held[signal].is_held = true;
  return sigaction(signal, &ours, nullptr) == 0;
}

void ReleaseSignals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction now;
    if (!held[signal].is_held.exchange(false) || sigaction(signal, nullptr, &now) != 0) continue;
    // Other code may have replaced our action.
    if (IsOurs(now)) sigaction(signal, &held[signal].before, nullptr);
  }
  const int signal = came.exchange(0);
  if (signal != 0) Act(signal);
}

int SignalThatCame() { return came; }

void AwaitSignal(int64_t timeout) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  const timespec limit = {timeout / kNanosPerSecond, timeout % kNanosPerSecond};
  if (wake_ups.exchange(0) != 0) return;
  syscall(SYS_futex, &wake_ups, FUTEX_WAIT_PRIVATE, 0, timeout == 0 ? nullptr : &limit, nullptr, 0);
  wake_ups = 0;
}

void WakeWaiter() {
  wake_ups = 1;
  syscall(SYS_futex, &wake_ups, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

void ConfirmSignal() { is_confirmed = true; }

void LetSignalAct(int signal) {
  Act(signal);
  is_confirmed = false;
  came_at = 0;
  came = 0;
  HoldSignal(signal);
}

int64_t MonotonicNow() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNanosPerSecond + now.tv_nsec;
}

void WriteLineIfRoom(const char* line) {
  pollfd output = {STDERR_FILENO, POLLOUT, 0};
  if (poll(&output, 1, 0) != 1 || (output.revents & POLLOUT) == 0) return;
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line, std::strlen(line));
}

}  // namespace tracemalloc

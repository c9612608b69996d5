// SPDX-License-Identifier: MIT
// Holds back signals that would end the process until some work has been done. What a signal would
// do is read from the kernel, never guessed from listeners: if other code has an action for it, it
// is not held. The state is per process.
#ifndef TRACEMALLOC_PROCESS_HELD_SIGNALS_H_
#define TRACEMALLOC_PROCESS_HELD_SIGNALS_H_

#include <cstdint>

namespace tracemalloc {

// From now on `signal` is held when it arrives, if it would end the process. False: it would not.
// As PID 1 no signal would: the kernel drops those for which init has no action.
bool HoldSignal(int signal);
// Ends holding. A signal that has arrived meanwhile takes effect.
void ReleaseSignals();

// The signal that arrived; 0: none. All that arrive within a second count as the first; a later one
// takes effect at once.
int SignalThatCame();
// Blocks until a signal arrives, WakeWaiter() is called or the time is over; may return spuriously.
// `timeout`: nanoseconds; 0: no limit. For one thread, which gets no signals from then on.
void AwaitSignal(int64_t timeout);
void WakeWaiter();
// Called when the waiter has noticed the signal: a thread that sent it to its own process waits for
// that, so that it does not run on as if it had not sent it.
void ConfirmSignal();
// Lets the signal take effect. Returns if it did not end the process (a debugger took it); then it
// is held again.
void LetSignalAct(int signal);

// Nanoseconds of the monotonic clock.
int64_t MonotonicNow();
// Writes the line only if stderr can take it now, since waiting for a reader might never end.
void WriteLineIfRoom(const char* line);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_PROCESS_HELD_SIGNALS_H_

// SPDX-License-Identifier: MIT
// Signals that would end the process, held back until something has been done before that. What a
// signal would do is asked of the kernel, never guessed from who listens: where anybody has an
// action of his own, there is nothing to hold. State is the process's.
#ifndef TRACEMALLOC_PROCESS_HELD_SIGNALS_H_
#define TRACEMALLOC_PROCESS_HELD_SIGNALS_H_

#include <cstdint>

namespace tracemalloc {

// From now on `signal` is held when it comes, if it would end the process. False: it would not. As
// PID 1 no signal does: the kernel drops those for which init has no action.
bool HoldSignal(int signal);
// Nothing is held any more. What has come meanwhile does what it would have done.
void ReleaseSignals();

// The one that came, 0: none. All that come within a second are one, which was the first; a later
// one waits for nobody: it does at once what it would have done.
int SignalThatCame();
// Blocks until a signal comes, WakeWaiter() or the time is over, or for no reason. Nanoseconds; 0:
// no limit. For one thread, in which no signal is delivered from then on.
void AwaitSignal(int64_t timeout);
void WakeWaiter();
// Whoever awaits signals has heard: for a thread that sent one to its own process, which must not
// run on as if it had not.
void ConfirmSignal();
// The signal does what it would have done when it came. Returns if it did not end the process after
// all (a debugger took it); then it is held again.
void LetSignalAct(int signal);

// Nanoseconds of a clock that is never set.
int64_t MonotonicNow();
// Unless nobody reads stderr now: whoever waits there would wait for ever.
void WriteLineIfRoom(const char* line);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_PROCESS_HELD_SIGNALS_H_

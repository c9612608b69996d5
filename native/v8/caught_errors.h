// SPDX-License-Identifier: MIT
// Catches what our own JavaScript throws, for as long as it lives. A termination that comes
// meanwhile (a time limit of `vm`, the end of a worker) is the program's: it is requested again,
// since V8 loses it in an interrupt, and the program would run on forever.
#ifndef TRACEMALLOC_V8_CAUGHT_ERRORS_H_
#define TRACEMALLOC_V8_CAUGHT_ERRORS_H_

#include <v8.h>

namespace tracemalloc {

class CaughtErrors {
 public:
  explicit CaughtErrors(v8::Isolate* isolate) : isolate_(isolate), errors_(isolate) {}
  ~CaughtErrors() {
    if (!errors_.HasTerminated()) return;
    // In an Atomics.wait() Node 20's V8 dies of a termination that it has already begun.
    isolate_->CancelTerminateExecution();
    isolate_->TerminateExecution();
  }
  CaughtErrors(const CaughtErrors&) = delete;
  CaughtErrors& operator=(const CaughtErrors&) = delete;

 private:
  v8::Isolate* isolate_;
  v8::TryCatch errors_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_CAUGHT_ERRORS_H_

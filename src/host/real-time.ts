// SPDX-License-Identifier: MIT
// Timers and clocks as they were when this module was loaded. A test suite's fake timers replace
// the global ones: our timers must not appear among them, and our reports must go on.
export const { setTimeout, clearTimeout, setImmediate, queueMicrotask } = globalThis;
export const dateNow: () => number = Date.now.bind(Date);

const { hrtime } = process;

/** Milliseconds of the monotonic clock. (Using `performance` would load all of perf_hooks.) */
export function monotonicNow(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

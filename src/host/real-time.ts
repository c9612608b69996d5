// SPDX-License-Identifier: MIT
// Timers and clocks as they were when this was loaded. A test suite's fake timers replace the
// global ones: it must not find ours among its own, nor stop our reports.
export const { setTimeout, clearTimeout, queueMicrotask } = globalThis;
export const dateNow: () => number = Date.now.bind(Date);

const { hrtime } = process;

/** Milliseconds of a clock that is never set. (Asking for `performance` loads all of perf_hooks.) */
export function monotonicNow(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

// SPDX-License-Identifier: MIT
// Timers and clocks as they were when this was loaded. A test suite's fake timers replace the
// global ones: it must not find ours among its own, nor stop our reports.
export const { setTimeout, clearTimeout, queueMicrotask } = globalThis;
export const performanceNow: () => number = performance.now.bind(performance);
export const dateNow: () => number = Date.now.bind(Date);

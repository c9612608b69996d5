// SPDX-License-Identifier: MIT
// Timers and clocks as they were when this module was loaded. A test suite's fake timers replace
// the global ones: our timers must not appear among them, and our reports must go on.
const { queueMicrotask } = globalThis;

export { queueMicrotask };
export const [setTimeout, clearTimeout, setImmediate] = timers();
export const dateNow: () => number = Date.now.bind(Date);

const { hrtime } = process;

// A program may have removed the global ones before.
function timers() {
  const { setTimeout, clearTimeout, setImmediate } = globalThis;
  if (typeof setTimeout === 'function' && typeof clearTimeout === 'function') {
    return [setTimeout, clearTimeout, setImmediate] as const;
  }
  const own = process.getBuiltinModule('node:timers');
  return [own.setTimeout, own.clearTimeout, own.setImmediate] as const;
}

/** Milliseconds of the monotonic clock. (Using `performance` would load all of perf_hooks.) */
export function monotonicNow(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

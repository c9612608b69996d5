// SPDX-License-Identifier: MIT
// Work that can be done at once or in slices between which the event loop turns.
import { monotonicNow, setTimeout } from './real-time.js';

/**
 * Yields wherever it may be interrupted: every few microseconds of work, but for a function whose
 * source is parsed, which takes some milliseconds if it is large.
 */
export type Steps<T> = Generator<void, T, void>;

// Long enough that turns of the event loop are few beside the work, too short to be felt. A busy
// server's turns take some milliseconds themselves, and a report must not wait for hundreds of
// them.
const SLICE_MS = 2;

/** Does all the work at once. */
export function runThrough<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** Does the work in slices of about two milliseconds. Does not keep the process alive. */
export async function runInSlices<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const end = monotonicNow() + SLICE_MS;
    let step = steps.next();
    while (!step.done && monotonicNow() < end) step = steps.next();
    if (step.done) return step.value;
    await pause();
  }
}

/** One turn of the event loop. Not an immediate: if unref'ed, it would wait for another event. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 1).unref();
  });
}

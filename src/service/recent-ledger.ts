// SPDX-License-Identifier: MIT
// The memory ledger for reports. Reading it takes longer the more memory there is, so how often it
// is read depends on how long it takes.
import { monotonicNow } from '../host/real-time.js';
import { runThrough, type Steps } from '../host/steps.js';
import type { MemoryLedger } from '../ledger/ledger.js';
import { readingLedger } from '../ledger/read.js';

// Reading takes at most this share of the time: after 5 ms nothing is read for half a second.
const SHARE = 1 / 100;

let latest: MemoryLedger | undefined;
let due = 0;

/** A ledger of the process with the time of its reading: read now, unless that is too expensive. */
export function recentLedger(): MemoryLedger {
  return runThrough(readingRecentLedger());
}

/** The same, in steps. */
export function* readingRecentLedger(): Steps<MemoryLedger> {
  if (latest !== undefined && monotonicNow() < due) return latest;
  const reading = readingLedger();
  let spent = 0;
  for (;;) {
    const begun = monotonicNow();
    const step = reading.next();
    const ended = monotonicNow();
    spent += ended - begun;
    if (step.done) {
      latest = step.value;
      due = ended + spent / SHARE;
      return latest;
    }
    yield;
  }
}

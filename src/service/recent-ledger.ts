// SPDX-License-Identifier: MIT
// The memory ledger for reports. Reading takes longer the more memory there is, so that how often it
// is read follows from how long it took.
import type { MemoryLedger } from '../ledger/ledger.js';
import { getMemoryLedger } from '../ledger/read.js';
import { monotonicNow } from '../real-time.js';

// Reading takes at most this share of the time: after 5 ms nothing is read for half a second.
const SHARE = 1 / 100;

let latest: MemoryLedger | undefined;
let due = 0;

/** A ledger of the process, which tells its own time: read now, unless reading is too expensive. */
export function recentLedger(): MemoryLedger {
  const begun = monotonicNow();
  if (latest !== undefined && begun < due) return latest;
  latest = getMemoryLedger();
  const ended = monotonicNow();
  due = ended + (ended - begun) / SHARE;
  return latest;
}

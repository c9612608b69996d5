// SPDX-License-Identifier: MIT
// One snapshot for all requests within a short time.
import { monotonicNow } from '../host/real-time.js';
import { onStop } from '../session.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { takeSnapshot } from '../tracer.js';

let latest:
  | { readonly snapshot: Snapshot; readonly hasAges: boolean; readonly taken: number }
  | undefined;

/**
 * The last snapshot taken by this function if it is at most `maxAge` milliseconds old, else a new
 * one.
 *
 * @param ages - it must have them.
 * @throws TracemallocError as `takeSnapshot()`.
 */
export function recentSnapshot(maxAge: number, { ages = false } = {}): Snapshot {
  const isRecent = latest !== undefined && monotonicNow() - latest.taken <= maxAge;
  if (latest !== undefined && isRecent && (latest.hasAges || !ages)) return latest.snapshot;
  const snapshot = takeSnapshot({ ages });
  if (latest === undefined) {
    const forget = onStop(() => {
      latest = undefined;
      forget();
    });
  }
  // After it: the longer it took, the more it is worth to share.
  latest = { snapshot, hasAges: ages, taken: monotonicNow() };
  return snapshot;
}

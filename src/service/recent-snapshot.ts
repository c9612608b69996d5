// SPDX-License-Identifier: MIT
// One snapshot for all requests within a short time.
import { monotonicNow } from '../host/real-time.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { onStop, takeSnapshot } from '../tracer.js';

let latest: { readonly snapshot: Snapshot; readonly taken: number } | undefined;

/**
 * The last snapshot taken by this function if it is at most `maxAge` milliseconds old, else a new
 * one.
 *
 * @throws TracemallocError as `takeSnapshot()`.
 */
export function recentSnapshot(maxAge: number): Snapshot {
  const now = monotonicNow();
  if (latest !== undefined && now - latest.taken <= maxAge) return latest.snapshot;
  const snapshot = takeSnapshot();
  if (latest === undefined) {
    const forget = onStop(() => {
      latest = undefined;
      forget();
    });
  }
  latest = { snapshot, taken: now };
  return snapshot;
}

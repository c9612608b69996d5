// SPDX-License-Identifier: MIT
// One snapshot for all who ask within moments of each other.
import { monotonicNow } from '../host/real-time.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { onStop, takeSnapshot } from '../tracer.js';

let latest: { readonly snapshot: Snapshot; readonly taken: number } | undefined;

/**
 * The snapshot that was taken here last, if that is at most `maxAge` milliseconds ago, else a new one.
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

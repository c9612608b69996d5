// SPDX-License-Identifier: MIT
// One snapshot of all threads for all requests within a short time.
import { monotonicNow, setTimeout } from '../host/real-time.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { otherThreads } from './knocks.js';
import { takeProcessSnapshot } from './process-snapshot.js';
import { recentSnapshot } from './recent-snapshot.js';

/** Shorter than a client waits; a thread that is blocked delays each update of a page by it. */
const PATIENCE_MS = 3000;

let latest: { readonly snapshot: Promise<Snapshot>; readonly taken: number } | undefined;

/**
 * As {@link recentSnapshot} with ages, of this thread and all others that share their snapshots.
 *
 * @throws TracemallocError, or rejects, as `takeSnapshot()`.
 */
export function recentProcessSnapshot(maxAge: number): Snapshot | Promise<Snapshot> {
  // Its tracebacks are the same objects from one snapshot to the next; those of merged ones are not.
  if (otherThreads().length === 0) return recentSnapshot(maxAge, { ages: true });
  const now = monotonicNow();
  if (latest !== undefined && now - latest.taken <= maxAge) return latest.snapshot;
  const taking = takeProcessSnapshot({ timeout: PATIENCE_MS, ages: true }).then(
    ({ snapshot }) => snapshot,
  );
  const mine = { snapshot: taking, taken: now };
  latest = mine;
  const forget = () => {
    if (latest === mine) latest = undefined;
  };
  // A snapshot holds all its traces: it is kept no longer than it is of use.
  taking.then(() => setTimeout(forget, maxAge).unref(), forget);
  return taking;
}

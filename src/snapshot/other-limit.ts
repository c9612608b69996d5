// SPDX-License-Identifier: MIT
import type { SnapshotFacts } from '../traces/facts.js';

let hasWarned = false;

/** Warns, once in a process, if two snapshots that are compared keep different parts of stacks. */
export function warnOfOtherLimit(now: SnapshotFacts, old: SnapshotFacts): void {
  const limits = [old, now].map((snapshot) => snapshot.tracebackLimit);
  if (hasWarned || limits[0] === limits[1] || !isKnown(now) || !isKnown(old)) return;
  hasWarned = true;
  process.emitWarning(
    `snapshots with traceback limits of ${limits.join(' and ')} are compared: where a stack was cut, ` +
      'its callers and your own line may differ, so that memory seems to have moved or grown',
    { code: 'TRACEMALLOC_TRACEBACK_LIMIT' },
  );
}

// Profiles of other tools do not say their limit; theirs is the depth of their deepest stack.
function isKnown({ process: { nodeVersion, pid } }: SnapshotFacts): boolean {
  return pid > 0 || nodeVersion !== '';
}

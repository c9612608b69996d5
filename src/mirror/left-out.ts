// SPDX-License-Identifier: MIT
// Removes what a snapshot leaves out because of its age from the counters.
import { TracemallocError } from '../errors.js';
import type { WireCounters } from './rows.js';
import type { Mirror } from './wire.js';

// Numbers per row of the addon: ids of site and type, size, count, variance and samples.
const ROW = 6;

/** Which ages a snapshot shows. */
export interface Ages {
  /** Not what has been through no garbage collection. */
  readonly survivors: boolean;
  /** What existed at this mark is left out; 0: nothing did. */
  readonly since: number;
  /** What did not exist at this mark is left out, too; {@link NOW}: nothing did not. */
  readonly until: number;
}

export const NOW = 0xffffffff;

/** Whether the mirror's figures are more than what is shown. */
export function leavesOut({ survivors, since, until }: Ages): boolean {
  return survivors || since > 0 || until !== NOW;
}

/**
 * The mirror's counters less those that the addon leaves out at the same moment. What was allocated
 * since start is of all ages: it stays as it is for survivors, and is unknown where there is a mark.
 *
 * @throws TracemallocError ERR_CORRUPT_BATCH when the two don't fit each other.
 */
export function withoutLeftOut(mirror: Mirror, leftOut: ArrayBuffer, ages: Ages): WireCounters[] {
  const isOfAllTime = ages.since === 0 && ages.until === NOW;
  const counters = isOfAllTime
    ? mirror.counters.slice()
    : mirror.counters.map((row) => ({ ...row, allocatedSize: Number.NaN }));
  const figures = new Float64Array(leftOut);
  for (let at = 0; at < figures.length; at += ROW) {
    const [site = -1, type = 0, size = 0, count = 0, variance = 0, samples = 0] =
      figures.subarray(at);
    const row = counters[site];
    if (row === undefined || samples > row.liveSamples) {
      throw new TracemallocError(
        'ERR_CORRUPT_BATCH',
        `${samples} samples to be left out of a site (${site}) with ${row?.liveSamples ?? 'none'}`,
      );
    }
    const name = type === 0 ? undefined : mirror.string(type);
    counters[site] = {
      ...row,
      liveSamples: row.liveSamples - samples,
      liveSize: row.liveSize - size,
      liveCount: row.liveCount - count,
      liveVariance: Math.max(0, row.liveVariance - variance),
      types: row.types
        .map((share) =>
          share.type === name
            ? { type: share.type, size: share.size - size, count: share.count - count }
            : share,
        )
        .filter((share) => share.count >= 0.5), // less is a rounding residue
    };
  }
  return counters;
}

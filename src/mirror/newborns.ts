// SPDX-License-Identifier: MIT
// Removes newborns (objects that have been through no garbage collection) from a snapshot's
// counters.
import { TracemallocError } from '../errors.js';
import type { WireCounters } from './rows.js';
import type { Mirror } from './wire.js';

// Numbers per row of the addon: ids of site and type, size, count, variance and samples.
const ROW = 6;

/**
 * The mirror's counters less the newborns of the same moment; what was allocated since start stays
 * as it is.
 *
 * @throws TracemallocError ERR_CORRUPT_BATCH when the two don't fit each other.
 */
export function withoutNewborns(mirror: Mirror, newborns: ArrayBuffer): WireCounters[] {
  const counters = mirror.counters.slice();
  const figures = new Float64Array(newborns);
  for (let at = 0; at < figures.length; at += ROW) {
    const [site = -1, type = 0, size = 0, count = 0, variance = 0, samples = 0] =
      figures.subarray(at);
    const row = counters[site];
    if (row === undefined || samples > row.liveSamples) {
      throw new TracemallocError(
        'ERR_CORRUPT_BATCH',
        `${samples} newborn samples of a site (${site}) with ${row?.liveSamples ?? 'none'}`,
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

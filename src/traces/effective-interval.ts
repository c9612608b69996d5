// SPDX-License-Identifier: MIT
import type { SnapshotFacts } from './facts.js';
import type { Trace } from './trace.js';

/**
 * Where it was tuned: the interval with which the samples at hand would have their standard errors.
 * A sample of much fewer bytes than the interval R adds about R times its estimated bytes to the
 * variance.
 */
export function effectiveInterval(
  traces: Iterable<Trace>,
  { sampleInterval, sampling }: SnapshotFacts,
): number {
  if (!sampling?.isSelfTuning) return sampleInterval;
  let [size, variance] = [0, 0];
  for (const trace of traces) {
    if (trace.samples === 0) continue;
    size += trace.size;
    variance += trace.variance;
  }
  return size > 0 ? Math.max(sampling.finest, variance / size) : sampleInterval;
}

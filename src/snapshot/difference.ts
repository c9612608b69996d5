// SPDX-License-Identifier: MIT
import { gatherTraces } from './gather.js';
import type { Snapshot } from './snapshot.js';
import { Trace } from './trace.js';

/**
 * What changed from one snapshot to a later one, stack by stack; figures may be negative. Without
 * types: an object gets its type with the first collection it survives, which is no growth.
 */
export function differenceOf(now: Snapshot, before: Snapshot): Trace[] {
  const untyped = (trace: Trace) => new Trace({ ...trace, types: [] });
  const negated = (trace: Trace) =>
    new Trace({
      ...trace,
      size: -trace.size,
      count: -trace.count,
      allocatedSize: trace.allocatedSize === undefined ? undefined : -trace.allocatedSize,
      allocatedCount: trace.allocatedCount === undefined ? undefined : -trace.allocatedCount,
      samples: -trace.samples,
      types: [],
    });
  const gathered = gatherTraces([...now.traces.map(untyped), ...before.traces.map(negated)]);
  return gathered.filter(({ size, count, allocatedSize }) => size || count || allocatedSize);
}

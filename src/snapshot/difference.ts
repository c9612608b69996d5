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
      allocatedSize: minus(trace.allocatedSize),
      allocatedCount: minus(trace.allocatedCount),
      samples: -trace.samples,
      types: [],
    });
  const gathered = gatherTraces([...now.traces.map(untyped), ...before.traces.map(negated)]);
  return gathered.filter(({ size, count, allocatedSize }) => size || count || allocatedSize);
}

/** What is live now, with what was allocated since `before` instead of since start. */
export function allocatedSince(now: Snapshot, before: Snapshot): Trace[] {
  const negated = (trace: Trace) =>
    new Trace({
      ...trace,
      size: 0,
      count: 0,
      allocatedSize: minus(trace.allocatedSize),
      allocatedCount: minus(trace.allocatedCount),
      samples: 0,
      variance: 0,
      types: [],
    });
  const gathered = gatherTraces([...now.traces, ...before.traces.map(negated)]);
  return gathered.filter(({ size, allocatedSize }) => size || (allocatedSize ?? 0) > 0);
}

function minus(figure: number | undefined): number | undefined {
  return figure === undefined ? undefined : -figure;
}

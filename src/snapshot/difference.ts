// SPDX-License-Identifier: MIT
import { withoutGivenBack } from '../traces/rest.js';
import { gather, tabulate } from '../traces/table-builder.js';
import { Trace } from '../traces/trace.js';
import type { TraceTable } from '../traces/trace-table.js';
import type { Snapshot } from './snapshot.js';

/**
 * What changed from one snapshot to a later one, by stack; figures may be negative. It has no
 * types: an object gets its type at the first garbage collection that it survives, which is not
 * growth. It has no ages either, which are not of what changed.
 */
export function differenceOf(now: Snapshot, before: Snapshot): TraceTable {
  const untyped = (trace: Trace) => new Trace({ ...trace, types: [], age: undefined });
  const negated = (trace: Trace) =>
    new Trace({
      ...trace,
      size: -trace.size,
      count: -trace.count,
      allocatedSize: minus(trace.allocatedSize),
      allocatedCount: minus(trace.allocatedCount),
      samples: -trace.samples,
      types: [],
      age: undefined,
    });
  const differences = withoutGivenBack(gather(mapped([now, untyped], [before, negated])));
  return tabulate(
    differences.filter(
      ({ size, count, allocatedSize }) => size !== 0 || count !== 0 || (allocatedSize ?? 0) !== 0,
    ),
  );
}

/** What is live now, with what was allocated since `before` instead of since start. */
export function allocatedSince(now: Snapshot, before: Snapshot): TraceTable {
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
      age: undefined,
    });
  const since = withoutGivenBack(gather(mapped([now, (trace) => trace], [before, negated])));
  return tabulate(
    since.filter(({ size, allocatedSize }) => size !== 0 || (allocatedSize ?? 0) > 0),
  );
}

function minus(figure: number | undefined): number | undefined {
  return figure === undefined ? undefined : -figure;
}

function* mapped(...parts: readonly [Snapshot, (trace: Trace) => Trace][]): Generator<Trace> {
  for (const [snapshot, change] of parts) {
    for (const trace of snapshot.traces) yield change(trace);
  }
}

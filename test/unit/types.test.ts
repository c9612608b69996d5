// SPDX-License-Identifier: MIT
// The public types, as a caller meets them. `npm run types` judges most of this file: what does not
// hold is a compile error there.
import { expect, expectTypeOf, test } from 'vitest';
import * as tracemalloc from '../../src/index.js';
import {
  type Domain,
  type DomainFilter,
  type ErrorCode,
  Filter,
  type FilterOptions,
  Frame,
  type GroupOptions,
  type KeyType,
  type Precision,
  Snapshot,
  type SnapshotFacts,
  type SnapshotOptions,
  type StartOptions,
  type Statistic,
  type StatisticDiff,
  type Status,
  type Trace,
  type Traceback,
  TracemallocError,
} from '../../src/index.js';

test('functions take what they say and answer what they say', () => {
  expectTypeOf(tracemalloc.start).toEqualTypeOf<(options?: StartOptions | number) => void>();
  expectTypeOf(tracemalloc.stop).toEqualTypeOf<() => void>();
  expectTypeOf(tracemalloc.isTracing).returns.toEqualTypeOf<boolean>();
  expectTypeOf(tracemalloc.takeSnapshot).toEqualTypeOf<(options?: SnapshotOptions) => Snapshot>();
  expectTypeOf(tracemalloc.clearTraces).toEqualTypeOf<() => void>();
  expectTypeOf(tracemalloc.getTracedMemory).returns.toEqualTypeOf<{
    current: number;
    peak: number;
  }>();
  expectTypeOf(tracemalloc.resetPeak).toEqualTypeOf<() => void>();
  expectTypeOf(tracemalloc.getTracebackLimit).toEqualTypeOf<() => number>();
  expectTypeOf(tracemalloc.getTracemallocMemory).toEqualTypeOf<() => number>();
  expectTypeOf(tracemalloc.getObjectTraceback).toEqualTypeOf<
    (object: object) => Traceback | undefined
  >();
  expectTypeOf(tracemalloc.track).toEqualTypeOf<
    (domain: string, key: unknown, size: number) => boolean
  >();
  expectTypeOf(tracemalloc.untrack).toEqualTypeOf<(domain: string, key: unknown) => boolean>();
  expectTypeOf(tracemalloc.status).toEqualTypeOf<() => Status>();
});

test('options are optional, known and typed', () => {
  expectTypeOf<Record<never, never>>().toExtend<StartOptions>();
  expectTypeOf<StartOptions['domains']>().toEqualTypeOf<readonly Domain[] | undefined>();
  expectTypeOf<StartOptions['precision']>().toEqualTypeOf<'auto' | Precision | undefined>();
  expectTypeOf<FilterOptions>().toHaveProperty('inclusive').toEqualTypeOf<boolean>();
  expectTypeOf<GroupOptions>().toEqualTypeOf<{ cumulative?: boolean }>();
  expectTypeOf<SnapshotOptions>().toEqualTypeOf<{ ledger?: boolean; survivors?: boolean }>();
  // @ts-expect-error misspelt
  expect(() => tracemalloc.start({ sampleIntervall: 1 })).toThrow(TracemallocError);
  // @ts-expect-error not an object or number
  expect(() => tracemalloc.start('16')).toThrow(TracemallocError);
  // @ts-expect-error a primitive has no identity
  expect(() => tracemalloc.getObjectTraceback('text')).toThrow(TracemallocError);
  // @ts-expect-error filenamePattern is missing
  expect(() => new Filter({ inclusive: true })).toThrow(TracemallocError);
});

test('snapshots and what is in them are read-only values', () => {
  expectTypeOf<Snapshot>().toExtend<SnapshotFacts>();
  expectTypeOf<Snapshot['traces']>().toEqualTypeOf<readonly Trace[]>();
  expectTypeOf<Snapshot['statistics']>().parameter(0).toEqualTypeOf<KeyType>();
  expectTypeOf<Snapshot['statistics']>().returns.toEqualTypeOf<Statistic[]>();
  expectTypeOf<Snapshot['compareTo']>().returns.toEqualTypeOf<StatisticDiff[]>();
  expectTypeOf<Snapshot['filterTraces']>()
    .parameter(0)
    .toEqualTypeOf<readonly (Filter | DomainFilter)[]>();
  expectTypeOf<Snapshot['dump']>().toEqualTypeOf<(path: string) => Promise<void>>();
  expectTypeOf(Snapshot.load).toEqualTypeOf<(path: string) => Promise<Snapshot>>();
  expectTypeOf(Snapshot.merge).toEqualTypeOf<(snapshots: readonly Snapshot[]) => Snapshot>();
  expectTypeOf<Trace['allocatedSize']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Statistic>().toHaveProperty('average').toBeNumber();
  expectTypeOf<StatisticDiff>().toHaveProperty('sizeDiff').toBeNumber();
  expectTypeOf<Traceback>().toExtend<Iterable<Frame>>();
  expectTypeOf<Traceback['totalFrames']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Status['precision']>().toEqualTypeOf<Precision | undefined>();
  expectTypeOf<TracemallocError['code']>().toEqualTypeOf<ErrorCode>();
  const frame = new Frame('a.js', 1);
  // @ts-expect-error read-only
  frame.lineno = 2;
});

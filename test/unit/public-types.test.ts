// SPDX-License-Identifier: MIT
// The public types, as callers use them. `npm run types` checks this file: what is wrong is a compile
// error there.

import { expectTypeOf, test } from 'vitest';
import type * as tracemalloc from '../../src/index.js';
import type {
  Domain,
  DomainFilter,
  ErrorCode,
  Filter,
  FilterOptions,
  Frame,
  Frames,
  LabelFilter,
  Precision,
  Snapshot,
  SnapshotOptions,
  StartOptions,
  Statistic,
  StatisticDiff,
  Status,
  Trace,
  Traceback,
  TracemallocError,
} from '../../src/index.js';
import type { EarlierSnapshot } from '../../src/options.js';
import type { GroupOptions, KeyType } from '../../src/snapshot/grouping.js';
import type { SnapshotFacts } from '../../src/traces/facts.js';

test('functions have the declared parameters and results', () => {
  expectTypeOf<typeof tracemalloc.start>().toEqualTypeOf<
    (options?: StartOptions | number) => void
  >();
  expectTypeOf<typeof tracemalloc.stop>().toEqualTypeOf<() => void>();
  expectTypeOf<typeof tracemalloc.isTracing>().returns.toEqualTypeOf<boolean>();
  expectTypeOf<typeof tracemalloc.takeSnapshot>().toEqualTypeOf<
    (options?: SnapshotOptions) => Snapshot
  >();
  expectTypeOf<typeof tracemalloc.clearTraces>().toEqualTypeOf<() => void>();
  expectTypeOf<typeof tracemalloc.getTracedMemory>().returns.toEqualTypeOf<{
    readonly current: number;
    readonly peak: number;
  }>();
  expectTypeOf<typeof tracemalloc.resetPeak>().toEqualTypeOf<() => void>();
  expectTypeOf<typeof tracemalloc.getTracebackLimit>().toEqualTypeOf<() => number>();
  expectTypeOf<typeof tracemalloc.getTracemallocMemory>().toEqualTypeOf<() => number>();
  expectTypeOf<typeof tracemalloc.getObjectTraceback>().toEqualTypeOf<
    (object: object) => Traceback | undefined
  >();
  expectTypeOf<typeof tracemalloc.track>().toEqualTypeOf<
    (domain: string, key: unknown, size: number) => boolean
  >();
  expectTypeOf<typeof tracemalloc.untrack>().toEqualTypeOf<
    (domain: string, key: unknown) => boolean
  >();
  expectTypeOf<typeof tracemalloc.status>().toEqualTypeOf<() => Status>();
});

test('options are optional, known and typed', () => {
  expectTypeOf<Record<never, never>>().toExtend<StartOptions>();
  expectTypeOf<StartOptions['domains']>().toEqualTypeOf<readonly Domain[] | undefined>();
  expectTypeOf<StartOptions['precision']>().toEqualTypeOf<'auto' | Precision | undefined>();
  expectTypeOf<FilterOptions>().toHaveProperty('inclusive').toEqualTypeOf<boolean>();
  expectTypeOf<GroupOptions>().toEqualTypeOf<{ cumulative?: boolean; frames?: Frames }>();
  expectTypeOf<SnapshotOptions>().toEqualTypeOf<{
    ledger?: boolean;
    survivors?: boolean;
    ages?: boolean;
    since?: EarlierSnapshot;
    until?: EarlierSnapshot;
  }>();
  expectTypeOf<Snapshot>().toExtend<EarlierSnapshot>();
  const calls = (t: typeof tracemalloc) => [
    // @ts-expect-error misspelt
    t.start({ sampleIntervall: 1 }),
    // @ts-expect-error not an object or number
    t.start('16'),
    // @ts-expect-error a primitive has no identity
    t.getObjectTraceback('text'),
    // @ts-expect-error filenamePattern is missing
    new t.Filter({ inclusive: true }),
  ];
  expectTypeOf(calls).toBeFunction();
});

test('snapshots and what is in them are read-only values', () => {
  expectTypeOf<Snapshot>().toExtend<SnapshotFacts>();
  expectTypeOf<Snapshot['traces']>().toEqualTypeOf<readonly Trace[]>();
  expectTypeOf<Snapshot['statistics']>().parameter(0).toEqualTypeOf<KeyType>();
  expectTypeOf<Snapshot['statistics']>().returns.toEqualTypeOf<Statistic[]>();
  expectTypeOf<Snapshot['compareTo']>().returns.toEqualTypeOf<StatisticDiff[]>();
  expectTypeOf<Snapshot['filterTraces']>()
    .parameter(0)
    .toEqualTypeOf<readonly (Filter | DomainFilter | LabelFilter)[]>();
  expectTypeOf<Snapshot['dump']>().toEqualTypeOf<(path: string) => Promise<void>>();
  expectTypeOf<typeof Snapshot.load>().toEqualTypeOf<(path: string) => Promise<Snapshot>>();
  expectTypeOf<typeof Snapshot.merge>().toEqualTypeOf<
    (snapshots: readonly Snapshot[]) => Snapshot
  >();
  expectTypeOf<Trace['allocatedSize']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Statistic>().toHaveProperty('average').toBeNumber();
  expectTypeOf<StatisticDiff>().toHaveProperty('sizeDiff').toBeNumber();
  expectTypeOf<Traceback>().toExtend<Iterable<Frame>>();
  expectTypeOf<Traceback['totalFrames']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Status['precision']>().toEqualTypeOf<Precision | undefined>();
  expectTypeOf<TracemallocError['code']>().toEqualTypeOf<ErrorCode>();
  const move = (frame: Frame) => {
    // @ts-expect-error read-only
    frame.lineno = 2;
  };
  expectTypeOf(move).toBeFunction();
});

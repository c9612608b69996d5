// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { MemoryLedger } from '../../src/ledger/ledger.js';
import { makeReport, Reports } from '../../src/report/report.js';
import { formatReport } from '../../src/report/report-text.js';
import { type Row, snapshotOf } from '../support/snapshots.js';

const report = (now: Row[], before: Row[] = [], more: object = {}) =>
  makeReport({
    snapshot: snapshotOf(now),
    previous: snapshotOf(before),
    traced: { current: 100.4, peak: 200.6 },
    top: 10,
    keyType: 'lineno',
    ...more,
  });

test("memory of builtins and Node's internals is the application's, and they are named", () => {
  const { bySize } = report([
    { at: ['/app/a.js:5:handle', '(native):0:push'], size: 30 },
    { at: ['/app/a.js:5:handle', 'node:buffer:9:alloc', '(native):0:Uint8Array'], size: 10 },
    { at: ['/app/b.js:1:own'], size: 20 },
    { at: ['node:internal/timers:5:run'], size: 5 },
  ]);
  expect(bySize.map(({ site, size, allocator }) => ({ site, size, allocator }))).toEqual([
    { site: '/app/a.js:5', size: 40, allocator: 'push' },
    { site: '/app/b.js:1', size: 20, allocator: undefined },
    { site: 'node:internal/timers:5', size: 5, allocator: undefined },
  ]);
});

test('byGrowth is sorted by growth, without what shrank or vanished', () => {
  const { bySize, byGrowth } = report(
    [
      { at: ['a.js:1'], size: 1000, count: 10 },
      { at: ['b.js:1'], size: 500, count: 5 },
      { at: ['c.js:1'], size: 50, count: 1 },
    ],
    [
      { at: ['a.js:1'], size: 990, count: 9 },
      { at: ['c.js:1'], size: 60, count: 2 },
      { at: ['gone.js:1'], size: 5000, count: 1 },
    ],
  );
  expect(bySize.map((row) => row.site)).toEqual(['a.js:1', 'b.js:1', 'c.js:1']);
  expect(byGrowth.map((row) => [row.site, row.sizeDiff, row.countDiff])).toEqual([
    ['b.js:1', 500, 5],
    ['a.js:1', 10, 1],
  ]);
});

test('a report has the top rows only, and is one line of JSON', () => {
  const rows = Array.from({ length: 30 }, (_, i) => ({ at: [`a.js:${i + 1}`], size: i + 1 }));
  const made = report(rows, [], { top: 3 });
  expect(made.bySize.map((row) => row.size)).toEqual([30, 29, 28]);
  expect(made.byGrowth).toHaveLength(3);
  expect(JSON.stringify(made)).not.toContain('\n');
  expect(JSON.parse(JSON.stringify(made))).toMatchObject({
    name: 'tracemalloc',
    version: 1,
    time: '1970-01-01T00:00:00.000Z',
    traced: 100,
    tracedPeak: 201,
  });
  expect(formatReport(made)).toContain('#1: a.js:30: size=30 B (+30 B), count=1 (+1)');
});

test('by function, a row has the file as its site, and the name of the function', () => {
  const rows = [
    { at: ['/app/a.js:5:handle', '(native):0:push'], size: 30 },
    { at: ['/app/a.js:9:handle'], size: 10 },
  ];
  expect(report(rows, [], { keyType: 'function' }).bySize).toMatchObject([
    { site: '/app/a.js', function: 'handle', size: 40, allocator: 'push' },
  ]);
});

test('in text, equal lists are shown once', () => {
  const grown = formatReport(report([{ at: ['/app/a.js:5:load'], size: 30 }]));
  expect(grown.match(/#1: /g)).toHaveLength(1);
  expect(grown).toContain(
    ' largest, and grown most since the last report, and grown most since the first report:\n  #1: /app/a.js:5 (load)',
  );
  const settled = formatReport(
    report([{ at: ['/app/a.js:5:load'], size: 30 }], [{ at: ['/app/a.js:5:load'], size: 30 }]),
  );
  expect(settled).toContain(
    ' largest:\n  #1: /app/a.js:5 (load): size=30 B (+0 B), count=1 (+0)\n' +
      ' grown most since the last report, and grown most since the first report:\n  none',
  );
});

const MIB = 1024 * 1024;
const ledgerOf = (timestamp: number, heap: number, mallocFree: number) =>
  new MemoryLedger({
    rss: (heap + mallocFree + 1) * MIB,
    timestamp,
    rows: [
      { name: 'heap', label: 'V8 heap', bytes: heap * MIB },
      { name: 'mallocFree', label: 'malloc, free', bytes: mallocFree * MIB },
    ],
  });

test('the ledger is in a report by names of rows, with a diagnosis of the growth since the first', () => {
  const baseline = snapshotOf([]);
  const reports = new Reports({ top: 3, keyType: 'lineno', baseline });
  const next = (ledger: MemoryLedger) =>
    reports.next(baseline, { traced: { current: 0, peak: 0 }, fullCollections: 0, ledger });
  expect(next(ledgerOf(0, 50, 1)).ledger).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    rss: 52 * MIB,
    rows: { heap: 50 * MIB, mallocFree: MIB },
    unexplained: MIB,
  });
  const grown = next(ledgerOf(0, 50, 60));
  expect(grown.ledger?.diagnosis).toContain('malloc memory that is free');
  const text = formatReport(grown);
  expect(text).toContain(' memory: mallocFree 60.0 MiB, heap 50.0 MiB\n');
  expect(text).toContain(' since the first report: 100 % of the growth is malloc memory');
});

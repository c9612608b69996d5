// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { makeReport } from '../../src/service/report.js';
import { formatReport } from '../../src/service/report-text.js';
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

test("builtins and Node's internals roll up to the application, and are named", () => {
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

test('growth is by growth, and what shrank or vanished is no growth', () => {
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

test('keeps the top only, and is one line of JSON', () => {
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

test('by function the site is the file, and the function has its name', () => {
  const rows = [
    { at: ['/app/a.js:5:handle', '(native):0:push'], size: 30 },
    { at: ['/app/a.js:9:handle'], size: 10 },
  ];
  expect(report(rows, [], { keyType: 'function' }).bySize).toMatchObject([
    { site: '/app/a.js', function: 'handle', size: 40, allocator: 'push' },
  ]);
});

// SPDX-License-Identifier: MIT

import { expect, test } from 'vitest';
import { DomainFilter, Filter, LabelFilter } from '../../src/snapshot/filter.js';
import type { KeyType } from '../../src/snapshot/grouping.js';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { Statistic } from '../../src/snapshot/statistic.js';
import { Traceback } from '../../src/traces/traceback.js';
import { snapshotOf } from '../support/snapshots.js';

const texts = (rows: readonly unknown[]) => rows.map(String);

test('groups by line, file, function and traceback', () => {
  const snapshot = snapshotOf([
    { at: ['m.js:1:main', 'a.js:5:f'], size: 10, count: 2 },
    { at: ['m.js:2:main', 'a.js:5:f'], size: 30, count: 3 },
    { at: ['a.js:9:g'], size: 20, count: 1 },
    { at: ['a.js:3:'], size: 5 },
  ]);
  expect(texts(snapshot.statistics('lineno'))).toEqual([
    'a.js:5: size=40 B, count=5, average=8 B',
    'a.js:9: size=20 B, count=1, average=20 B',
    'a.js:3: size=5 B, count=1, average=5 B',
  ]);
  expect(texts(snapshot.statistics('filename'))).toEqual([
    'a.js:0: size=65 B, count=7, average=9 B',
  ]);
  expect(texts(snapshot.statistics('function'))).toEqual([
    'f (a.js): size=40 B, count=5, average=8 B',
    'g (a.js): size=20 B, count=1, average=20 B',
    '(anonymous) (a.js): size=5 B, count=1, average=5 B',
  ]);
  const byTraceback = snapshot.statistics('traceback');
  expect(byTraceback.map((row) => row.size)).toEqual([30, 20, 10, 5]);
  expect(byTraceback[0]?.traceback.length).toBe(2);
});

test("functions that share a line are one group, as the line is Python's only key", () => {
  const snapshot = snapshotOf([
    { at: ['a.js:5:f'], size: 10 },
    { at: ['a.js:5:g'], size: 10 },
    { at: ['(native):0:push'], size: 1 },
    { at: ['(native):0:concat'], size: 2 },
  ]);
  expect(snapshot.statistics('lineno').map((row) => row.size)).toEqual([20, 2, 1]);
});

test("statistics have Python's order: size, count, then the later traceback first", () => {
  const snapshot = snapshotOf([
    { at: ['a.js:5'], size: 10, count: 1 },
    { at: ['a.js:7'], size: 10, count: 1 },
    { at: ['b.js:1'], size: 10, count: 1 },
    { at: ['a.js:1'], size: 10, count: 2 },
    { at: ['a.js:2'], size: 11, count: 1 },
  ]);
  expect(snapshot.statistics('lineno').map((row) => String(row.traceback))).toEqual([
    'a.js:2',
    'a.js:1',
    'b.js:1',
    'a.js:7',
    'a.js:5',
  ]);
  const byTraceback = snapshotOf([
    { at: ['a.js:1', 'z.js:1'], size: 1 },
    { at: ['b.js:1', 'a.js:1'], size: 1 },
    { at: ['b.js:1'], size: 1 },
  ]).statistics('traceback');
  expect(byTraceback.map((row) => row.traceback.frames.map(String).join())).toEqual([
    'b.js:1,a.js:1',
    'b.js:1',
    'a.js:1,z.js:1',
  ]);
});

test('cumulative credits every frame, a recursive one once', () => {
  const snapshot = snapshotOf([
    { at: ['m.js:1:main', 'r.js:2:r', 'r.js:2:r', 'r.js:2:r'], size: 100, count: 4 },
    { at: ['m.js:1:main', 'a.js:3:f'], size: 10 },
  ]);
  const cumulative = (keyType: KeyType) =>
    snapshot
      .statistics(keyType, { cumulative: true })
      .map((row) => [String(row.traceback), row.size]);
  expect(cumulative('lineno')).toEqual([
    ['m.js:1', 110],
    ['r.js:2', 100],
    ['a.js:3', 10],
  ]);
  expect(cumulative('filename')).toEqual([
    ['m.js:0', 110],
    ['r.js:0', 100],
    ['a.js:0', 10],
  ]);
  expect(cumulative('function')).toEqual([
    ['main (m.js)', 110],
    ['r (r.js)', 100],
    ['f (a.js)', 10],
  ]);
});

test('sums samples, errors in quadrature, and types by size', () => {
  const snapshot = snapshotOf([
    {
      at: ['a.js:5'],
      size: 100,
      samples: 2,
      variance: 900,
      types: [
        { type: 'Array', size: 60, count: 1 },
        { type: 'Session', size: 40, count: 2 },
      ],
    },
    {
      at: ['m.js:1', 'a.js:5'],
      size: 50,
      samples: 3,
      variance: 1600,
      types: [{ type: 'Session', size: 50, count: 3 }],
    },
    { at: ['b.js:1'], size: 1, variance: -1e-9 },
  ]);
  const [a, b] = snapshot.statistics('lineno');
  expect(a).toMatchObject({ samples: 5, error: 50, average: 75 });
  expect(a?.types).toEqual([
    { type: 'Session', size: 90, count: 5 },
    { type: 'Array', size: 60, count: 1 },
  ]);
  expect(b?.error, 'a residue below zero').toBe(0);
  expect(b?.types).toEqual([]);
});

test('compareTo lists new, vanished and unchanged groups, the largest change first', () => {
  const old = snapshotOf([
    { at: ['gone.js:1'], size: 2048, count: 2 },
    { at: ['same.js:1'], size: 999999, count: 9 },
    { at: ['grew.js:1'], size: 1000, count: 1 },
  ]);
  const now = snapshotOf([
    { at: ['new.js:1'], size: 500, count: 5 },
    { at: ['same.js:1'], size: 999999, count: 9 },
    { at: ['grew.js:1'], size: 51200 * 1024, count: 10001 },
  ]);
  expect(texts(now.compareTo(old, 'lineno'))).toEqual([
    'grew.js:1: size=50.0 MiB (+50.0 MiB), count=10001 (+10000), average=5242 B',
    'gone.js:1: size=0 B (-2048 B), count=0 (-2)',
    'new.js:1: size=500 B (+500 B), count=5 (+5), average=100 B',
    'same.js:1: size=977 KiB (+0 B), count=9 (+0), average=109 KiB',
  ]);
});

test('compareTo breaks ties by size, |countDiff|, count, then the later traceback', () => {
  const old = snapshotOf([
    { at: ['shrank.js:1'], size: 30, count: 1 },
    { at: ['c.js:1'], size: 10, count: 5 },
    { at: ['d.js:1'], size: 10, count: 4 },
  ]);
  const now = snapshotOf([
    { at: ['shrank.js:1'], size: 20, count: 1 },
    { at: ['b.js:1'], size: 10, count: 1 },
    { at: ['a.js:1'], size: 10, count: 1 },
    { at: ['a.js:2'], size: 10, count: 3 },
    { at: ['c.js:1'], size: 20, count: 6 },
    { at: ['d.js:1'], size: 20, count: 5 },
  ]);
  expect(now.compareTo(old, 'lineno').map((row) => String(row.traceback))).toEqual([
    'c.js:1',
    'd.js:1',
    'shrank.js:1',
    'a.js:2',
    'b.js:1',
    'a.js:1',
  ]);
});

test('equality is of group and figures', () => {
  const row = { at: ['a.js:5'], size: 10, count: 2 };
  const [a] = snapshotOf([row]).statistics('lineno');
  const [b] = snapshotOf([row]).statistics('lineno');
  const [c] = snapshotOf([{ ...row, size: 11 }]).statistics('lineno');
  const [d] = snapshotOf([{ ...row, at: ['a.js:6'] }]).statistics('lineno');
  expect(a).toBeInstanceOf(Statistic);
  expect(a?.equals(b as Statistic)).toBe(true);
  expect(a?.equals(c as Statistic)).toBe(false);
  expect(a?.equals(d as Statistic)).toBe(false);
});

test('traces are created once, when first read', () => {
  const rows = snapshotOf([{ at: ['a.js:1'], size: 1 }]);
  let made = 0;
  const lazy = new (rows.constructor as typeof import('../../src/snapshot/snapshot.js').Snapshot)(
    () => {
      made++;
      return rows.traces;
    },
    rows,
  );
  expect(made).toBe(0);
  lazy.statistics('lineno');
  lazy.statistics('filename');
  expect(made).toBe(1);
});

test('wrong arguments throw ERR_INVALID_ARGUMENT', () => {
  const snapshot = snapshotOf([]);
  const error = expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' });
  expect(() => snapshot.statistics('line' as KeyType)).toThrow(error);
  expect(() => snapshot.statistics('traceback', { cumulative: true })).toThrow(error);
  expect(() => snapshot.compareTo({} as never, 'lineno')).toThrow(error);
});

test.each([
  ['statistics, positional', () => snapshotOf([]).statistics('lineno', true as never)],
  ['compareTo', () => snapshotOf([]).compareTo(snapshotOf([]), 'lineno', { all: 1 } as never)],
  ['format, positional', () => new Traceback([]).format(2 as never)],
  ['format', () => new Traceback([]).format({ most_recent_first: true } as never)],
  ['Filter, positional', () => new (Filter as never as new (...a: unknown[]) => Filter)(true, '*')],
  ['Filter', () => new Filter({ inclusive: true, filename_pattern: '*' } as never)],
  ['DomainFilter', () => new DomainFilter(undefined as never)],
])('options written as in Python are errors: %s', (_, call) => {
  const message = expect.stringMatching(/options as an object \{ \w+|has no option "/);
  expect(call).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', message }));
});

test('groups by labels, and filters by one', () => {
  const [users, orders] = [{ route: 'GET /users' }, { route: 'GET /orders', tenant: 'a' }];
  const before = snapshotOf([{ at: ['a.js:1'], size: 100, labels: users }]);
  const now = snapshotOf([
    { at: ['a.js:1'], size: 300, count: 3, labels: users },
    { at: ['b.js:2'], size: 500, count: 5, labels: { ...users } },
    { at: ['a.js:1'], size: 40, count: 4, labels: orders },
    { at: ['a.js:1'], size: 7, count: 1 },
  ]);
  expect(texts(now.statistics('label'))).toEqual([
    'route=GET /users: size=800 B, count=8, average=100 B',
    'route=GET /orders, tenant=a: size=40 B, count=4, average=10 B',
    '(no labels): size=7 B, count=1, average=7 B',
  ]);
  expect(String(now.statistics('label')[0]?.allocator)).toBe('b.js:2');
  expect(texts(now.statistics('lineno'))).toEqual([
    'b.js:2: size=500 B, count=5, average=100 B',
    'a.js:1: size=347 B, count=8, average=43 B',
  ]);
  expect(texts(now.compareTo(before, 'label'))[0]).toBe(
    'route=GET /users: size=800 B (+700 B), count=8 (+7), average=100 B',
  );
  const part = (label: string, value?: string, inclusive = true) =>
    now.filterTraces([new LabelFilter({ inclusive, label, value })]).statistics('lineno');
  expect(texts(part('route', 'GET /orders'))).toEqual(['a.js:1: size=40 B, count=4, average=10 B']);
  expect(part('tenant')).toHaveLength(1);
  expect(texts(part('route', undefined, false))).toEqual([
    'a.js:1: size=7 B, count=1, average=7 B',
  ]);
  expect(part('toString')).toEqual([]);
  const merged = Snapshot.merge([now, now]).statistics('label');
  expect(merged.map(({ size }) => size)).toEqual([1600, 80, 14]);
  expect(() => now.statistics('label', { cumulative: true })).toThrow("keyType 'label'");
});

test('groups by type, with the line that made most, and keeps all sums', () => {
  const typed = (type: string, size: number, count: number) => ({ type, size, count });
  const before = snapshotOf([
    { at: ['a.js:1'], size: 100, count: 4, types: [typed('Session', 60, 2)] },
    { at: ['a.js:2'], size: 50, count: 5, types: [typed('(string)', 50, 5)] },
  ]);
  const now = snapshotOf([
    {
      at: ['a.js:1'],
      ...{ size: 300, count: 9, samples: 10, variance: 900 },
      types: [typed('Session', 200, 5), typed('(string)', 40, 3)],
    },
    { at: ['b.js:7'], size: 500, count: 9, types: [typed('Session', 500, 9)] },
    { at: ['(native):0'], size: 7, count: 1 },
  ]);
  const rows = now.statistics('type');
  expect(texts(rows)).toEqual([
    'Session: size=700 B, count=14, average=50 B',
    '(unknown type): size=67 B, count=2, average=34 B',
    '(string): size=40 B, count=3, average=13 B',
  ]);
  expect(rows.map(({ allocator }) => String(allocator))).toEqual(['b.js:7', 'a.js:1', 'a.js:1']);
  const sum = (figures: readonly number[]) => figures.reduce((a, b) => a + b, 0);
  expect(sum(rows.map(({ size }) => size))).toBe(807);
  expect(sum(rows.map(({ count }) => count))).toBe(19);
  // Variances add up, too.
  expect(sum(rows.map(({ error }) => error ** 2))).toBeCloseTo(900);
  expect(rows[0]).toMatchObject({ allocatedSize: undefined, allocatedCount: undefined });
  expect(texts(now.compareTo(before, 'type'))).toEqual([
    'Session: size=700 B (+640 B), count=14 (+12), average=50 B',
    '(unknown type): size=67 B (+27 B), count=2 (+0), average=34 B',
    '(string): size=40 B (-10 B), count=3 (-2), average=13 B',
  ]);
  expect(String(now.compareTo(before, 'type')[0]?.allocator)).toBe('b.js:7');
  expect(() => now.statistics('type', { cumulative: true })).toThrow("keyType 'type'");
});

test('parts of types that exceed the whole by chance are scaled, so that sums stay', () => {
  const types = [
    { type: 'A', size: 90, count: 1 },
    { type: 'B', size: 30, count: 1 },
  ];
  const rows = snapshotOf([{ at: ['a.js:1'], size: 100, count: 2, types }]).statistics('type');
  expect(texts(rows)).toEqual([
    'A: size=75 B, count=1, average=75 B',
    'B: size=25 B, count=1, average=25 B',
  ]);
});

test('the name of a class cannot move the cursor', () => {
  const types = [{ type: '\u001b[2J', size: 1, count: 1 }];
  const [row] = snapshotOf([{ at: ['a.js:1'], size: 1, types }]).statistics('type');
  expect(String(row)).toBe('\\u001b[2J: size=1 B, count=1, average=1 B');
});

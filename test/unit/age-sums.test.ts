// SPDX-License-Identifier: MIT
// Ages where traces are added up, taken apart and written.
import { expect, test } from 'vitest';
import { toJson } from '../../src/exporters/json.js';
import { LIVE_TRACE } from '../../src/html/live-data.js';
import { LiveTables } from '../../src/html/live-tables.js';
import { partOfType } from '../../src/snapshot/by-type.js';
import { differenceOf } from '../../src/snapshot/difference.js';
import { Filter } from '../../src/snapshot/filter.js';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { formatAge, formatCollections } from '../../src/text/duration.js';
import type { Age } from '../../src/traces/age.js';
import { snapshotOf } from '../support/snapshots.js';

const at = ['main.js:1:main', 'a.js:5:f'];
const old: Age = { mean: 90, oldest: 100, collections: 40 };
const young: Age = { mean: 10, oldest: 300, collections: 0 };
const buffers: Age = { mean: 50, oldest: 60, collections: undefined };

/** That of the only row by line. */
const ageBy = (key: 'lineno' | 'traceback' | 'type' | 'label', snapshot: Snapshot) => {
  const [row, ...others] = snapshot.statistics(key);
  expect(others).toEqual([]);
  return row?.age;
};

test('a statistic weights ages by bytes, and has the oldest', () => {
  const snapshot = snapshotOf([
    { at, size: 100, age: old },
    { at: ['other.js:1:', 'a.js:5:f'], size: 300, age: young },
  ]);
  expect(ageBy('lineno', snapshot)).toEqual({ mean: 30, oldest: 300, collections: 10 });
  expect(ageBy('label', snapshot)).toEqual({ mean: 30, oldest: 300, collections: 10 });
  expect(snapshot.statistics('traceback').map(({ age }) => age)).toEqual([young, old]);
  // Types are known by trace and type, ages by trace.
  expect(ageBy('type', snapshot)).toBeUndefined();
  expect(partOfType(snapshot, '(unknown type)').traces[0]?.age).toBeUndefined();
});

test('what is not known does not change what is: Buffers have no collections, other domains nothing', () => {
  const rows = [
    { at, size: 100, age: old },
    { at, size: 300, domain: 'buffer', age: buffers },
    { at, size: 10_000, domain: 'mine' },
    { at, size: 0, count: 0, allocatedSize: 5000 },
  ];
  expect(ageBy('lineno', snapshotOf(rows))).toEqual({ mean: 60, oldest: 100, collections: 40 });
  expect(ageBy('lineno', snapshotOf(rows.slice(1)))).toEqual(buffers);
  expect(ageBy('lineno', snapshotOf(rows.slice(2)))).toBeUndefined();
});

test('merged traces of one stack keep a right age, or none', () => {
  const one = snapshotOf([{ at, size: 100, age: old }]);
  const two = snapshotOf([{ at, size: 300, age: young }]);
  const dead = snapshotOf([{ at, size: 0, count: 0, allocatedSize: 5000 }]);
  const unknown = snapshotOf([{ at, size: 300 }]);
  const both = { mean: 30, oldest: 300, collections: 10 };
  const merged = (...snapshots: Snapshot[]) => {
    const [trace, ...others] = Snapshot.merge(snapshots).traces;
    expect(others).toEqual([]);
    return trace?.age;
  };
  expect(merged(one, two)).toEqual(both);
  expect(merged(two, dead, one)).toEqual(both);
  expect(merged(dead, one)).toEqual(old);
  for (const order of [
    [one, unknown],
    [unknown, one],
    [one, unknown, two],
  ]) {
    expect(merged(...order)).toBeUndefined();
  }
  expect(merged(Snapshot.merge([one, dead]), two)).toEqual(both);
  const ofBuffers = snapshotOf([{ at, size: 100, age: buffers }]);
  expect(merged(one, ofBuffers)).toEqual({ mean: 70, oldest: 100, collections: undefined });
});

test('rows before the first one with an age have none, and filtering keeps each at its trace', () => {
  const rows = Array.from({ length: 100 }, (_, i) => ({
    at: [`f${i}.js:1:`],
    size: 1 + i,
    age: i % 3 === 1 ? { mean: i, oldest: i, collections: i } : undefined,
  }));
  const merged = Snapshot.merge([snapshotOf(rows)]);
  const filter = new Filter({ inclusive: true, filenamePattern: 'f[5-9]?.js' });
  const filtered = merged.filterTraces([filter]);
  for (const snapshot of [merged, filtered]) {
    for (const { size, age } of snapshot.traces) expect(age?.mean).toBe(rows[size - 1]?.age?.mean);
  }
  expect(filtered.traces).toHaveLength(50);
});

test('a difference of two snapshots has no ages', () => {
  const before = snapshotOf([{ at, size: 100, age: old }]);
  const now = snapshotOf([
    { at, size: 300, age: young },
    { at: ['b.js:1:'], size: 5, age: young },
  ]);
  const ages = [...differenceOf(now, before)].map(({ age }) => age);
  expect(ages).toEqual([undefined, undefined]);
});

test('a live page is not sent rows that have only become older, and knows which are younger', () => {
  const tables = new LiveTables({ sources: false, hasAges: true });
  const taken = (seconds: number, leaked: Age, cached: Age) => {
    const { traces, ...facts } = snapshotOf([
      { at: ['leak.js:1:'], size: 5, age: leaked },
      { at: ['cache.js:1:'], size: 5, age: cached },
    ]);
    return new Snapshot(traces, { ...facts, timestamp: 1_700_000_000_000 + 1000 * seconds });
  };
  const cached = { mean: 20, oldest: 40, collections: 9 };
  const first = tables.next(taken(0.25, { mean: 50, oldest: 90, collections: 1200 }, cached));
  expect(first.traces.slice(9, 12)).toEqual([1_699_999_950, 1_699_999_910, 12_000]);
  const later = tables.next(taken(10.25, { mean: 60, oldest: 100, collections: 1203 }, cached));
  expect(later.traces).toHaveLength(LIVE_TRACE);
  expect(later.traces.slice(9)).toEqual([1_699_999_990, 1_699_999_970, 90]);
});

test('JSON has ages where they are known', () => {
  const rows = [
    { at, size: 2, age: buffers },
    { at: ['b.js:1:'], size: 1 },
    { at, size: 1, age: old },
  ];
  const { traces } = JSON.parse(toJson(snapshotOf(rows))) as { traces: { age?: Age }[] };
  expect(traces.map(({ age }) => age)).toEqual([{ mean: 50, oldest: 60 }, undefined, old]);
});

test.each([
  [0, '<1 s'],
  [0.94, '<1 s'],
  [12.3, '12 s'],
  [180, '3 min'],
  [3 * 3600, '3 h'],
  [9 * 86_400, '9 days'],
])('%d seconds are shown as %s', (seconds, text) => expect(formatAge(seconds)).toBe(text));

test.each([
  [0, 'no GC'],
  [0.4, '0.4 GCs'],
  [1, '1 GC'],
  [9.96, '10 GCs'],
  [1234.5, '1235 GCs'],
])('%d collections are shown as %s', (n, text) => expect(formatCollections(n)).toBe(text));

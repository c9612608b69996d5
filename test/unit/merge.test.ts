// SPDX-License-Identifier: MIT

import { expect, test } from 'vitest';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import type { SnapshotFacts } from '../../src/traces/facts.js';
import { type Row, snapshotOf } from '../support/snapshots.js';

function taken(rows: Row[], facts: Partial<SnapshotFacts>, pid = 1, threadId = 0): Snapshot {
  const base = snapshotOf(rows);
  return new Snapshot(base.traces, {
    ...base,
    ...facts,
    process: { ...base.process, pid, threadId },
  });
}

const one = taken(
  [
    {
      at: ['m.js:1:', 'a.js:5:f'],
      size: 10,
      count: 2,
      variance: 9,
      types: [{ type: 'A', size: 8, count: 1 }],
    },
    { at: ['a.js:5:f'], size: 1 },
  ],
  { sampleInterval: 1, timestamp: 5 },
);
const two = taken(
  [
    {
      at: ['m.js:1:', 'a.js:5:f'],
      size: 30,
      count: 3,
      variance: 16,
      types: [{ type: 'A', size: 4, count: 2 }],
    },
    { at: ['m.js:1:', 'a.js:5:f'], size: 7, domain: 'buffer' },
  ],
  { sampleInterval: 4096, timestamp: 9, precision: 'function' },
  2,
);

test('merge adds up equal stacks of one domain, with errors and types', () => {
  const merged = Snapshot.merge([one, two]);
  expect(merged.traces).toHaveLength(3);
  const [largest] = merged.statistics('traceback');
  expect(String(largest)).toBe('a.js:5: size=47 B, count=6, average=8 B');
  expect(largest?.error).toBe(5);
  expect(largest?.types).toEqual([{ type: 'A', size: 12, count: 3 }]);
  expect(one.traces).toHaveLength(2);
});

test('a merge has the largest interval, the latest time, and the lower precision', () => {
  const { sampleInterval, timestamp, precision, process } = Snapshot.merge([two, one]);
  expect({ sampleInterval, timestamp, precision }).toEqual({
    sampleInterval: 4096,
    timestamp: 9,
    precision: 'function',
  });
  expect(process).toMatchObject({ pid: 0, nodeVersion: 'v0', memoryUsage: { rss: 2 } });
});

test('a merge is marked as survivors if one of its snapshots has survivors only', () => {
  expect(Snapshot.merge([one, two]).survivors).toBeUndefined();
  expect(Snapshot.merge([one, taken([], { survivors: true })]).survivors).toBe(true);
});

test("a merge of one process's threads has the process's memory once", () => {
  const worker = taken([], {}, 1, 7);
  expect(Snapshot.merge([one, worker]).process).toMatchObject({ pid: 1, memoryUsage: { rss: 1 } });
});

test('merged snapshots can be compared like others', () => {
  const [diff] = Snapshot.merge([one, two]).compareTo(one, 'lineno');
  expect(String(diff)).toBe('a.js:5: size=48 B (+37 B), count=7 (+4), average=7 B');
});

test.each([[[]], [undefined], [[one, {}]]])('merge refuses %s', (value) => {
  expect(() => Snapshot.merge(value as Snapshot[])).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
  );
});

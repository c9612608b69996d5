// SPDX-License-Identifier: MIT
// Stacks that were given back between two snapshots: what each difference shows of them and of the
// rests that took their totals.
import { expect, test } from 'vitest';
import { allocatedSince, differenceOf } from '../../src/snapshot/difference.js';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { REST } from '../../src/traces/rest.js';
import { Trace } from '../../src/traces/trace.js';
import type { TraceTable } from '../../src/traces/trace-table.js';
import { snapshotOf } from '../support/snapshots.js';

const FILE_REST = `a.js:0:${REST}`;
const DOMAIN_REST = `${REST}:0`;

/** Per row where, live size, allocated size; of the latter a count of one per byte. */
function taken(rows: Record<string, [live: number, allocated: number]>, domain = 'heap'): Snapshot {
  const bare = snapshotOf(
    Object.entries(rows).map(([at, [size]]) => ({
      at: ['main.js:1', at],
      size,
      count: size,
      domain,
    })),
  );
  const traces = bare.traces.map((trace, i) => {
    const allocatedSize = Object.values(rows)[i]![1];
    const { traceback } = snapshotOf([{ at: [Object.keys(rows)[i]!], size: 0 }]).traces[0]!;
    const isRest = Object.keys(rows)[i]!.includes(REST);
    return new Trace({
      ...trace,
      ...(isRest ? { traceback } : {}),
      allocatedSize,
      allocatedCount: allocatedSize,
    });
  });
  return new Snapshot(traces, bare);
}

function shown(table: TraceTable): Record<string, [live: number, allocated: number | undefined]> {
  return Object.fromEntries(
    [...table].map(({ traceback, size, allocatedSize, allocatedCount }) => {
      expect(allocatedCount).toBe(allocatedSize);
      const { filename, lineno, functionName } = traceback.at(-1)!;
      const at = [filename, lineno, ...(functionName ? [functionName] : [])].join(':');
      return [at, [size, allocatedSize]];
    }),
  );
}

test('what moved to the rest of its file is no allocation, and no fall', () => {
  const before = taken({ 'a.js:1': [0, 100], 'a.js:2': [5, 50], [FILE_REST]: [0, 1000] });
  // Line 1 is gone, 7 more were allocated in what went, and 3 at line 2.
  const now = taken({ 'a.js:2': [8, 53], [FILE_REST]: [0, 1107] });
  expect(shown(differenceOf(now, before))).toEqual({ 'a.js:2': [3, 3], [FILE_REST]: [0, 7] });
  expect(shown(allocatedSince(now, before))).toEqual({ 'a.js:2': [8, 3], [FILE_REST]: [0, 7] });
});

test('a stack that lived and is gone has lost what lived, and nothing else', () => {
  const before = taken({ 'a.js:1': [40, 100] });
  const now = taken({ [DOMAIN_REST]: [0, 100] });
  expect(shown(differenceOf(now, before))).toEqual({ 'a.js:1': [-40, 0] });
  expect(shown(allocatedSince(now, before))).toEqual({});
});

test('a rest that went to that of the domain is moved, too', () => {
  const before = taken({ 'a.js:1': [0, 100], [FILE_REST]: [0, 500], [DOMAIN_REST]: [0, 1000] });
  const now = taken({ [DOMAIN_REST]: [0, 1610] });
  expect(shown(differenceOf(now, before))).toEqual({ [DOMAIN_REST]: [0, 10] });
});

test('what more than the rest of the file has taken comes out of the others', () => {
  const before = taken({ 'a.js:1': [0, 100], 'a.js:2': [0, 60] });
  const now = taken({ 'a.js:9': [1, 1], [FILE_REST]: [0, 70], [DOMAIN_REST]: [0, 95] });
  const {
    [FILE_REST]: ofFile,
    [DOMAIN_REST]: ofDomain,
    ...lines
  } = shown(differenceOf(now, before));
  expect(lines).toEqual({ 'a.js:9': [1, 1] });
  expect((ofFile?.[1] ?? 0) + (ofDomain?.[1] ?? 0)).toBe(5);
});

test('a stack that came again after it was given back', () => {
  const before = taken({ 'a.js:1': [0, 100] });
  const now = taken({ 'a.js:1': [30, 30], [FILE_REST]: [0, 100] });
  // Sums are right; that the 30 are the line's own can't be told from what is there.
  expect(shown(differenceOf(now, before))).toEqual({ 'a.js:1': [30, 0], [FILE_REST]: [0, 30] });
});

test('sums stay, rest or no rest, and each domain has its own', () => {
  const [heap, buffer] = [
    taken({ 'a.js:1': [0, 100], 'b.js:1': [7, 70] }),
    taken({ 'a.js:1': [0, 10] }, 'buffer'),
  ];
  const before = Snapshot.merge([heap, buffer]);
  const now = Snapshot.merge([taken({ [DOMAIN_REST]: [0, 175] }), taken({}, 'buffer')]);
  const rows = [...differenceOf(now, before)];
  const sum = rows.reduce((total, { allocatedSize }) => total + (allocatedSize ?? 0), 0);
  expect(sum).toBe(175 - 180);
  const ofBuffer = rows.filter(({ domain }) => domain === 'buffer');
  expect(ofBuffer.map(({ allocatedSize }) => allocatedSize)).toEqual([-10]);
});

test('where totals are unknown they stay so', () => {
  const [before, now] = [snapshotOf([{ at: ['a.js:1'], size: 9 }]), snapshotOf([])];
  expect(
    [...differenceOf(now, before)].map(({ size, allocatedSize }) => [size, allocatedSize]),
  ).toEqual([[-9, undefined]]);
});

test('compareTo has what vanished as gone', () => {
  const before = taken({ 'a.js:1': [40, 100], 'a.js:2': [0, 5] });
  const now = taken({ [FILE_REST]: [0, 105] });
  const diffs = now.compareTo(before, 'lineno');
  expect(diffs.map(({ sizeDiff, size }) => [sizeDiff, size])).toEqual([[-40, 0]]);
});

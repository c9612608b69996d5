// SPDX-License-Identifier: MIT
// Stacks that were removed between two snapshots: how each difference shows them and the rests that
// took their totals.
import { expect, test } from 'vitest';
import { allocatedSince, differenceOf } from '../../src/snapshot/difference.js';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { REST } from '../../src/traces/rest.js';
import { Trace } from '../../src/traces/trace.js';
import type { TraceTable } from '../../src/traces/trace-table.js';
import { snapshotOf } from '../support/snapshots.js';

const FILE_REST = `a.js:0:${REST}`;
const DOMAIN_REST = `${REST}:0`;

/** Rows by place, with live and allocated size; the allocated count is one per byte. */
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

test('totals that moved to the rest of their file are neither growth nor decrease', () => {
  const before = taken({ 'a.js:1': [0, 100], 'a.js:2': [5, 50], [FILE_REST]: [0, 1000] });
  // Line 1 was removed; 7 were allocated by removed stacks, and 3 at line 2.
  const now = taken({ 'a.js:2': [8, 53], [FILE_REST]: [0, 1107] });
  expect(shown(differenceOf(now, before))).toEqual({ 'a.js:2': [3, 3], [FILE_REST]: [0, 7] });
  expect(shown(allocatedSince(now, before))).toEqual({ 'a.js:2': [8, 3], [FILE_REST]: [0, 7] });
});

test('a removed stack that had live memory has lost that, and nothing else', () => {
  const before = taken({ 'a.js:1': [40, 100] });
  const now = taken({ [DOMAIN_REST]: [0, 100] });
  expect(shown(differenceOf(now, before))).toEqual({ 'a.js:1': [-40, 0] });
  expect(shown(allocatedSince(now, before))).toEqual({});
});

test("the rest of a file can move to the domain's rest, too", () => {
  const before = taken({ 'a.js:1': [0, 100], [FILE_REST]: [0, 500], [DOMAIN_REST]: [0, 1000] });
  const now = taken({ [DOMAIN_REST]: [0, 1610] });
  expect(shown(differenceOf(now, before))).toEqual({ [DOMAIN_REST]: [0, 10] });
});

test('removed totals beyond the rest of their file are taken from the other rests', () => {
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

test('a stack can recur after it was removed', () => {
  const before = taken({ 'a.js:1': [0, 100] });
  const now = taken({ 'a.js:1': [30, 30], [FILE_REST]: [0, 100] });
  // The sums are right; the snapshots can't show that the 30 were allocated by the line.
  expect(shown(differenceOf(now, before))).toEqual({ 'a.js:1': [30, 0], [FILE_REST]: [0, 30] });
});

test('sums stay right with and without rests, separately for each domain', () => {
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

test('unknown totals stay unknown', () => {
  const [before, now] = [snapshotOf([{ at: ['a.js:1'], size: 9 }]), snapshotOf([])];
  expect(
    [...differenceOf(now, before)].map(({ size, allocatedSize }) => [size, allocatedSize]),
  ).toEqual([[-9, undefined]]);
});

test('compareTo shows removed stacks with size 0', () => {
  const before = taken({ 'a.js:1': [40, 100], 'a.js:2': [0, 5] });
  const now = taken({ [FILE_REST]: [0, 105] });
  const diffs = now.compareTo(before, 'lineno');
  expect(diffs.map(({ sizeDiff, size }) => [sizeDiff, size])).toEqual([[-40, 0]]);
});

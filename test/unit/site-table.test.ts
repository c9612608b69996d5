// SPDX-License-Identifier: MIT
// Updating a table with changes gives the same as a new table.
import { expect, test } from 'vitest';
import { bySite } from '../../src/report/groupings.js';
import { SiteTable } from '../../src/report/site-table.js';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { Trace } from '../../src/traces/trace.js';
import { type Row, snapshotOf } from '../support/snapshots.js';

const figures = (table: SiteTable, { lines }: { lines: boolean }) =>
  [...table.sites]
    .filter(({ samples }) => samples > 0)
    .map(({ domain, frame, size, count, samples, variance, allocator }) => ({
      site: `${domain} ${frame.filename} ${lines ? frame.lineno : ''}`,
      size: Math.round(size),
      count: Math.round(count),
      samples,
      variance: Math.round(variance),
      allocator,
    }))
    .sort((a, b) => (a.site < b.site ? -1 : 1));

/** Deterministic. */
function randomWalk(steps: number): Snapshot[] {
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48271) % 0x7fffffff;
    return seed % below;
  };
  const traces = snapshotOf([]).traces.slice();
  const stacks = [['a.js:1'], ['a.js:2'], ['a.js:1', '(native):0:push'], ['b.js:7', 'node:x:1:y']];
  const snapshots = [];
  for (let step = 0; step < steps; step++) {
    for (let change = 0; change < 5; change++) {
      const samples = random(3); // with 0 there is no row
      const row: Row = {
        at: stacks[random(stacks.length)] as string[],
        size: (samples * random(1e6)) / 7,
        count: samples * (1 + random(50)),
        samples,
        variance: samples * random(1e9),
        domain: random(4) === 0 ? 'buffer' : 'heap',
      };
      traces[random(12)] = snapshotOf([row]).traces[0]!;
    }
    snapshots.push(new Snapshot(traces.filter(Boolean), snapshotOf([])));
  }
  return snapshots;
}

test.each(['lineno', 'filename', 'function', 'traceback'] as const)('by %s', (keyType) => {
  const updated = new SiteTable(bySite({ keyType, frames: 'own' }));
  for (const snapshot of randomWalk(200)) {
    updated.update(snapshot);
    const anew = new SiteTable(bySite({ keyType, frames: 'own' }));
    anew.update(snapshot);
    const lines = keyType === 'lineno' || keyType === 'traceback';
    expect(figures(updated, { lines })).toEqual(figures(anew, { lines }));
  }
});

test('growth is counted since the previous update, and since the first', () => {
  const table = new SiteTable(bySite({ keyType: 'lineno', frames: 'own' }));
  const grown = () => {
    const [site] = [...table.sites].filter(({ frame }) => String(frame) === 'a.js:1');
    return [site?.size, site?.sizeDiff, site?.sizeDiffSinceStart];
  };
  table.update(snapshotOf([{ at: ['a.js:1'], size: 100 }]));
  expect(grown()).toEqual([100, 100, 0]);
  table.update(snapshotOf([{ at: ['a.js:1'], size: 300 }]));
  expect(grown()).toEqual([300, 200, 200]);
  table.update(snapshotOf([]));
  expect(grown()).toEqual([0, -300, -100]);
  table.update(snapshotOf([{ at: ['a.js:1'], size: 50 }]));
  expect(grown()).toEqual([50, 50, -50]);
});

test('a line has the name of the function that holds most', () => {
  const table = new SiteTable(bySite({ keyType: 'lineno', frames: 'own' }));
  table.update(snapshotOf([{ at: ['a.js:1:'], size: 64 }]));
  expect([...table.sites].map(({ functionName }) => functionName)).toEqual(['']);
  table.update(
    snapshotOf([
      { at: ['a.js:1:'], size: 64 },
      { at: ['a.js:1:leak', 'node:x:1:y'], size: 1e6 },
    ]),
  );
  expect([...table.sites].map(({ functionName }) => functionName)).toEqual(['leak']);
});

test('sites without traces are removed one update later, except those of the first update', () => {
  const table = new SiteTable(bySite({ keyType: 'lineno', frames: 'own' }));
  const rows = (...lines: number[]) =>
    snapshotOf(lines.map((line) => ({ at: [`a.js:${line}`], size: 100 * line })));
  const known = () => [...table.sites].map(({ frame }) => frame.lineno).sort((a, b) => a - b);
  table.update(rows(1));
  for (let line = 2; line < 500; line++) {
    table.update(rows(line));
    expect(known().length).toBeLessThan(5);
  }
  table.update(rows());
  const vanished = [...table.sites].find(({ frame }) => frame.lineno === 499);
  expect([vanished?.size, vanished?.sizeDiff], 'its end is reported').toEqual([0, -49_900]);
  table.update(rows());
  table.update(rows());
  expect(known()).toEqual([1]);
  table.update(rows(1, 499));
  const [first, again] = [...table.sites];
  expect([first?.size, first?.sizeDiffSinceStart]).toEqual([100, 0]);
  expect([again?.size, again?.sizeDiff]).toEqual([49_900, 49_900]);
});

test('a trace of the same stack gets a site again after its removal', () => {
  const table = new SiteTable(bySite({ keyType: 'lineno', frames: 'own' }));
  const full = snapshotOf([{ at: ['b.js:1'], size: 70 }]);
  const none = snapshotOf([]);
  for (const snapshot of [none, full, none, none, none, full]) table.update(snapshot);
  expect([...table.sites].map(({ size }) => size)).toEqual([70]);
});

test('the allocated total of a site never falls, even if its stacks are removed', () => {
  const table = new SiteTable(bySite({ keyType: 'lineno', frames: 'own' }));
  const allocated = (...figures: number[]) =>
    new Snapshot(
      figures.map((allocatedSize, i) => {
        const [trace] = snapshotOf([{ at: [`main.js:${i}`, 'a.js:1'], size: 10 }]).traces;
        return new Trace({ ...trace!, allocatedSize, allocatedCount: 1 });
      }),
      snapshotOf([]),
    );
  const totals = [[60, 40], [60], [75], [75, 5]].map((figures) => {
    table.update(allocated(...figures));
    return [...table.sites][0]?.allocatedSize;
  });
  expect(totals).toEqual([100, 100, 115, 120]);
});

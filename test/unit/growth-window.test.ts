// SPDX-License-Identifier: MIT
// The test for growth of tracemalloc/testing, on simulated lines whose truth is known: how often it
// calls one a leak that only scatters, and whether it misses one that leaks.
import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/snapshot/snapshot.js';
import { GROUPING, GrowthWindow, WINDOW } from '../../src/testing/growth-window.js';
import { TableGrowth } from '../../src/testing/table-growth.js';
import { generator } from '../support/random.js';
import { type Row, snapshotOf } from '../support/snapshots.js';

const LINES = 50;
const NONE: ReadonlySet<string> = new Set();

/** A row that is exact: each object is a sample. */
const row = (line: number, size: number, type = 'Entry'): Row => {
  const count = Math.max(1, Math.round(size / 40));
  const types = [{ type, size, count }];
  return { at: [`/app/a.js:${line}`], size, count, samples: count, types };
};

/** The ids of what grows in a window of snapshots. */
function grownIn(snapshots: readonly Snapshot[]): Set<string> {
  const [first, ...others] = snapshots as [Snapshot, ...Snapshot[]];
  const window = new GrowthWindow(first, { runsPerBlock: 10, isExact: true });
  others.forEach((snapshot, i) => {
    window.observe({ snapshot, fullCollections: i + 1 });
  });
  return new Set(window.grown(NONE).map(({ id }) => id));
}

const windowOf = (rowsAt: (block: number) => Row[]) =>
  Array.from({ length: WINDOW + 1 }, (_, block) => snapshotOf(rowsAt(block)));

test('lines that scatter: at most one in 720 in a window, and none in two', () => {
  const random = generator(1);
  // Of different types, so that each line is also a sum of its own.
  const scattering = () =>
    windowOf(() =>
      Array.from({ length: LINES }, (_, line) =>
        row(line + 1, 40 * Math.ceil(random() * 1000), `Class${line}`),
      ),
    );
  let once = 0;
  let twice = 0;
  const pairs = 40;
  for (let pair = 0; pair < pairs; pair++) {
    const [first, second] = [grownIn(scattering()), grownIn(scattering())];
    once += first.size + second.size;
    twice += [...first].filter((id) => second.has(id)).length;
  }
  const tests = 2 * pairs * LINES;
  // Three standard errors above what is stated: less, since it must not level off either.
  expect(once).toBeLessThan(tests / 720 + 3 * Math.sqrt(tests / 720));
  expect(once).toBeGreaterThan(0);
  expect(twice).toBe(0);
});

test('a leak of one object in a block is found among lines that scatter', () => {
  const random = generator(2);
  const found = grownIn(
    windowOf((block) => [
      row(1, 40 * (1 + block)),
      ...Array.from({ length: LINES }, (_, i) => row(i + 2, 4000 * random())),
    ]),
  );
  expect([...found].some((id) => id.endsWith(['/app/a.js', 1].join('\0')))).toBe(true);
});

test('a line that grows and then stays is none', () => {
  expect(grownIn(windowOf((block) => [row(1, 40 * Math.min(4, 1 + block))]))).toEqual(new Set());
});

test('even objects beside a table that doubles now and then', () => {
  const found = grownIn(
    windowOf((block) => {
      const table = { type: '(array)', size: block < 2 ? 1000 : 9000, count: 1 };
      const objects = { type: 'Object', size: 40 * (block + 1), count: block + 1 };
      const size = table.size + objects.size;
      return [
        {
          at: ['/app/a.js:1'],
          size,
          count: block + 2,
          samples: block + 2,
          types: [table, objects],
        },
      ];
    }),
  );
  expect(found.size).toBe(1);
});

test('of a line that grows, what grew is told, not what is largest', () => {
  const window = new GrowthWindow(snapshotOf(atOneLine(0)), { runsPerBlock: 10, isExact: true });
  for (let block = 1; block <= WINDOW; block++) {
    window.observe({ snapshot: snapshotOf(atOneLine(block)), fullCollections: block });
  }
  const [grown] = window.grown(NONE);
  expect(grown).toMatchObject({ allocator: 'push', types: ['Entry'] });
  expect(grown?.traces.map(({ size }) => size)).toEqual([40 * (1 + WINDOW), 1_000_000]);
});

test('what a line is known to hold is not told once more as its type', () => {
  // The line as a whole shrinks once, when V8 drops the code of a function.
  const found = grownIn(
    windowOf((block) => [
      row(1, 40 * (1 + block), 'Timeout'),
      {
        ...row(1, block < 2 ? 4000 : 1000, '(code)'),
        at: ['/app/a.js:1', 'node:timers:1:setTimeout'],
      },
    ]),
  );
  expect([...found]).toEqual([expect.stringContaining(['/app/a.js', 1].join('\0'))]);
});

const atOneLine = (block: number): Row[] => [
  { ...row(1, 1_000_000, 'Catalogue'), at: ['/app/a.js:1', 'node:internal/fs:1:readFile'] },
  { ...row(1, 40 * (1 + block)), at: ['/app/a.js:1', 'node:internal/array:1:push'] },
];

/** Whether a table with these sizes at all observations, half of them in each window, grows. */
function growsAsTable(sizes: readonly number[]): boolean {
  const tables = new TableGrowth(GROUPING);
  const observe = (part: readonly number[]) => {
    for (const size of part) tables.observe(snapshotOf([row(1, size, '(array)')]));
  };
  observe(sizes.slice(0, WINDOW + 1));
  const isCandidate = tables.candidates().size > 0;
  observe(sizes.slice(WINDOW + 1));
  return isCandidate && tables.grown().size > 0;
}

const reallocated = (entries: readonly number[], factor: number) => {
  let capacity = 4;
  return entries.map((count) => {
    while (capacity < count) capacity = Math.floor(capacity * factor) + (factor < 2 ? 16 : 0);
    return 16 + 8 * capacity;
  });
};

test.each([1.5, 2])('a table that is reallocated %s times as large grows', (factor) => {
  const first = Array.from({ length: WINDOW + 1 }, (_, block) => 10 + 10 * block);
  const second = Array.from({ length: WINDOW + 1 }, (_, block) => 70 + 20 * block);
  expect(growsAsTable(reallocated([...first, ...second], factor))).toBe(true);
});

test('tables that scatter, in steps or not, do not', () => {
  const random = generator(3);
  const sizes = [100, 200, 400, 800, 1600];
  const levels = (count: number) =>
    Array.from({ length: 2 * (WINDOW + 1) }, () => sizes[Math.floor(random() * count)]!);
  const alarms = Array.from({ length: 3000 }, (_, i) => growsAsTable(levels(2 + (i % 4))));
  expect(alarms.filter(Boolean)).toEqual([]);
});

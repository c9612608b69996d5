// SPDX-License-Identifier: MIT
// Real leaks, each in its own process: the ledger explains the growth of RSS and names its kind.
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';
import { PROBE } from '../support/target.js';

const ask = programs<typeof import('../fixtures/explained-growth/programs.mjs')>(
  'explained-growth/programs',
);

const GC = { args: ['--expose-gc'] };

interface Growth {
  rssDiff: number;
  unexplainedDiff: number;
  rows: { name: string; bytesDiff: number }[];
  diagnosis?: string;
}

const MIB = 1024 * 1024;
const leaked = 128 * MIB;

/** Expects that specific rows have the growth; catch-all rows explain nothing. */
function expectExplained(growth: Growth, catchAlls = ['otherAnonymous', 'v8']): void {
  expect(growth.rssDiff).toBeGreaterThan(leaked / 2);
  const named = growth.rows.filter(({ name }) => !catchAlls.includes(name));
  const share = named.reduce((sum, { bytesDiff }) => sum + bytesDiff, 0) / growth.rssDiff;
  expect(share, JSON.stringify(growth)).toBeGreaterThanOrEqual(0.9);
  expect(share, JSON.stringify(growth)).toBeLessThanOrEqual(1.1);
}

test.each([
  {
    leak: 'large Buffers',
    diagnosis: /^\d+ % of the growth is Buffers and ArrayBuffers$/,
  },
  {
    leak: 'small Buffers',
    diagnosis: /is Buffers and ArrayBuffers$/,
  },
  {
    leak: 'a Map',
    diagnosis: /is JavaScript objects in the heap of the main thread$/,
  },
  {
    leak: 'malloc by native code, small blocks',
    diagnosis: /is malloc memory that native code or another thread holds$/,
  },
  {
    leak: 'malloc by native code, where the program break cannot move',
    diagnosis: /is malloc memory that native code or another thread holds$/,
  },
  {
    leak: 'malloc by native code, large blocks',
    diagnosis: /is malloc memory that native code or another thread holds$/,
  },
  {
    leak: 'malloc fragmentation',
    diagnosis: /is malloc memory that is free but not returned to the system$/,
  },
  {
    leak: 'zlib streams',
    diagnosis: /is native memory that JavaScript objects hold, such as zlib streams$/,
  },
  {
    leak: 'WebAssembly memory',
    diagnosis: /is WebAssembly memory$/,
  },
])('$leak', async ({ leak, diagnosis }) => {
  const growth = await ask<Growth>('grow', { given: { leak, addon: PROBE }, ...GC });
  expectExplained(growth);
  expect(growth.diagnosis).toMatch(diagnosis);
});

test('growth in five tracing workers is explained', async () => {
  const growth = await ask<Growth>('growInWorkers', GC);
  // Other threads' heap rows are of their last collections; what was allocated since is in row `v8`.
  expectExplained(growth, ['otherAnonymous']);
  expect(growth.diagnosis).toMatch(/is JavaScript objects in the heaps of 5 workers$/);
  const heaps = growth.rows.filter(({ name }) => name.startsWith('heap:'));
  expect(heaps.map(({ bytesDiff }) => bytesDiff > 16 * MIB)).toEqual([
    true,
    true,
    true,
    true,
    true,
  ]);
});

test('a row of a worker is of its last full collection, however often it collects', async () => {
  const gaps = await ask<number[]>('gapsOfRow', GC);
  // For the allocations of a message, and for what V8 sweeps meanwhile.
  expect(Math.max(...gaps)).toBeLessThan(MIB);
});

test('a worker that has ended has no row', async () => {
  const names = await ask<string[][]>('endedWorker');
  expect(names).toEqual([['heap', 'heap:1'], ['heap']]);
});

test('the ledger can be read while workers start and end', async () => {
  const outcome = await ask<{ readings: number; left: string[] }>('beginAndEnd');
  expect(outcome.readings).toBeGreaterThan(0);
  expect(outcome.left).toEqual(['heap']);
});

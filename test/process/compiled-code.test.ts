// SPDX-License-Identifier: MIT
// Programs that compile code as they run, as template engines, `vm` and `new Function` do: each
// script is a new place. The tracker must hold data about live objects and some new ones, but not
// about all that ever existed.
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const ask = programs<typeof import('../fixtures/compiled-code.mjs')>('compiled-code');

const KINDS = [
  'vm, one file name',
  'vm, a file name each',
  'new Function',
  'eval, with a sourceURL each',
  'a template engine',
];

const COUNT = 10_000;
// An array of 1000 elements, and its JSArray: 8,048 bytes.
const LIST = 8048;
// Nearly every list is sampled, so nearly every script has a site.
const INTERVAL = 2048;

interface Bounded {
  sites: number[];
  memory: number[];
  givenBack: number;
  allocated: number[];
}

test.each(KINDS)('%s: memory is bounded, and sums lose nothing', async (kind) => {
  const { sites, memory, allocated, givenBack } = await ask<Bounded>('bounds', {
    given: { kind, count: COUNT, sampleInterval: INTERVAL },
  });
  // The allowed number of dead sites, twice since collections happen at any time, and the live ones.
  expect(Math.max(...sites)).toBeLessThan(2 * 4096 + 1500);
  expect(Math.max(...memory)).toBeLessThan(8 * 1024 * 1024);
  expect(givenBack).toBeGreaterThan(COUNT / 5);
  // Five standard errors; the variance is at most LIST * INTERVAL per list. Other allocations
  // (closures, bytecode, source positions) are below 6,000 bytes per script.
  const error = 5 * Math.sqrt(COUNT * LIST * INTERVAL);
  expect(allocated.at(-1)).toBeGreaterThan(COUNT * LIST - error);
  expect(allocated.at(-1)).toBeLessThan(COUNT * (LIST + 6000) + error);
  expect(allocated, 'totals never fall').toEqual([...allocated].sort((a, b) => a - b));
});

const GC = { args: ['--expose-gc'] };

test('sources are not held for names that no snapshot needs', async () => {
  const source = 100_000;
  const count = 2_000;
  const heap = await ask<number>('sourcesHeld', {
    given: { source, sampleInterval: INTERVAL, count },
    args: ['--expose-gc', '--no-compilation-cache'],
  });
  // All sources are 200 MB; 256 may be held, and those since the last collection.
  expect(heap).toBeLessThan(500 * source);
});

// At the interval of 1 every script has sites, also for its closures.
test("at the interval of 1 tracemalloc's memory rises and falls with the live objects", async () => {
  const { before, many, after, sites, live } = await ask<{
    before: number;
    many: number;
    after: number;
    sites: number;
    live: number;
  }>('upAndDown', { args: ['--expose-gc', '--no-compilation-cache'] });
  expect(sites).toBeGreaterThan(15_000);
  expect(live).toBeLessThan(4096 + 1500);
  expect(after - before).toBeLessThan((many - before) / 2);
});

// The decoder alone can't check that the batches are right; a comparison with a full batch can.
test('a mirror updated batch by batch equals one from a full batch', async () => {
  const { gone, equal, changed, scripts } = await ask<{
    gone: number[];
    equal: boolean[];
    changed: number[];
    scripts: [sinceLast: number, all: number][];
  }>('batchByBatch', GC);
  expect(equal).toEqual([true, true, true, true]);
  // Reading one allocates memory that is in the other.
  expect(Math.max(...changed)).toBeLessThan(0.05);
  expect(gone.filter((count) => count > 0).length).toBeGreaterThan(1);
  // A reader that begins anew needs the notes about all scripts, of which only some are new.
  for (const [sinceLast, all] of scripts) expect(all).toBeGreaterThan(sinceLast);
});

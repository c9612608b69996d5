// SPDX-License-Identifier: MIT
// takeSnapshot({ ages: true }): a program knows the ages of its own objects, and compares.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import type { Age } from '../../src/traces/age.js';
import { programs } from '../support/child.js';
import { cli } from '../support/cli.js';

const ask = programs<typeof import('../fixtures/ages.mjs')>('ages');

// Enough young space that V8 does not collect on its own.
const GC = ['--expose-gc', '--min-semi-space-size=16', '--max-semi-space-size=16'];

interface Row {
  readonly age: Age;
  readonly samples: number;
  readonly count: number;
  /** Moments, of all that lives. */
  readonly births: readonly number[];
  /** Full collections survived. */
  readonly counts: readonly number[];
}

interface Seen extends Record<'leaks' | 'caches' | 'litters' | 'buffersLeak', Row> {
  /** The snapshot was taken between these. */
  readonly from: number;
  readonly to: number;
  readonly littersAfter: { readonly count: number } | null;
}

let directory: string;
let file: string;
let seen: Seen;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
  file = join(directory, 'ages.pb.gz');
  // Without compilers V8 allocates nothing of its own in the functions that make the objects.
  const args = [...GC, '--jitless'];
  seen = await ask<Seen>('leakCacheAndGarbage', { given: { dump: file }, args });
});
afterAll(() => rmSync(directory, { recursive: true }));

const mean = (values: readonly number[]) => values.reduce((sum, n) => sum + n, 0) / values.length;
const deviation = (values: readonly number[]) => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((n) => (n - middle) ** 2)));
};

/** Seconds by which an age may be too high, and a birth may be told too late. */
const RESOLUTION = 0.1;
const LATE = 0.02;

/** Five standard errors: a right figure is outside once in two million runs. */
const error = (values: readonly number[], samples: number) =>
  (5 * deviation(values)) / Math.sqrt(samples);

const KINDS = ['leaks', 'caches', 'litters', 'buffersLeak'] as const;

test.each(KINDS)('%s: the mean age is that of the objects', (kind) => {
  const { age, births, samples } = seen[kind];
  expect(samples).toBeGreaterThanOrEqual(20);
  const most = error(births, samples) + LATE;
  expect(age.mean).toBeGreaterThan(seen.from - mean(births) - most);
  expect(age.mean).toBeLessThan(seen.to - mean(births) + most + RESOLUTION);
});

test.each(KINDS)('%s: the oldest sample is one of the oldest objects', (kind) => {
  const { age, births, samples, count } = seen[kind];
  const oldestFirst = [...births].sort((a, b) => a - b);
  expect(age.oldest).toBeLessThan(seen.to - (oldestFirst[0] ?? 0) + RESOLUTION);
  // If each is sampled with this probability at least, none of so many is once in a million runs.
  const share = Math.min(1, samples / count / 2);
  const missed = share === 1 ? 0 : Math.ceil(Math.log(1e-6) / Math.log(1 - share));
  const certain = oldestFirst[Math.min(missed, births.length - 1)] ?? 0;
  expect(age.oldest).toBeGreaterThan(seen.from - certain - LATE);
});

test.each(['leaks', 'caches'] as const)('%s: the mean number of collections is right', (kind) => {
  const { age, counts, samples } = seen[kind];
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...counts)).toBeGreaterThanOrEqual(2);
  expect(age.collections).toBeGreaterThan(mean(counts) - error(counts, samples));
  expect(age.collections).toBeLessThan(mean(counts) + error(counts, samples));
});

test('garbage has survived no collection, and is gone after one; of Buffers it is not known', () => {
  expect(seen.litters.age.collections).toBe(0);
  // What stays is V8's own, such as the function's feedback.
  expect(seen.littersAfter?.count ?? 0).toBeLessThan(seen.litters.count / 20);
  expect(seen.buffersLeak.age.collections).toBeUndefined();
});

test('leak, cache and garbage differ at a glance', () => {
  const [leak, cache, garbage] = [seen.leaks.age, seen.caches.age, seen.litters.age];
  expect(leak.oldest).toBeGreaterThan(cache.oldest + 1);
  expect(leak.mean).toBeGreaterThan(cache.mean);
  expect(cache.collections).toBeGreaterThan(garbage.collections ?? Number.NaN);
});

test('a dump keeps ages, and top shows them and sorts by them', async () => {
  const loaded = await Snapshot.load(file);
  const rows = loaded.statistics('function', { cumulative: true });
  const ageOf = (name: string) =>
    rows.find(({ traceback }) => traceback.at(-1)?.functionName === name)?.age;
  expect(ageOf('leaks')).toEqual(seen.leaks.age);
  expect(ageOf('litters')).toEqual(seen.litters.age);
  const shown = await cli(['top', '-k', 'function', '--sort', 'age', '--top', '100', file]);
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  const [, , header = '', ...lines] = shown.stdout.split('\n');
  expect(header).toMatch(/^ *age +size +± +count +what +where$/);
  const order = lines.flatMap((line) => /\b(leaks|caches|litters)$/.exec(line)?.[1] ?? []);
  expect(order).toEqual(['leaks', 'caches', 'litters']);
  const [litter] = lines.filter((line) => line.endsWith('litters'));
  expect(litter).toMatch(/^ *mean (<1|\d+) s, oldest (<1|\d+) s, no GC /);
  const bySize = await cli(['top', '-k', 'function', '--format', 'md', file]);
  expect(bySize.stdout).toContain('| size | ± | count | age | what | where |');
});

test('top says why it can’t sort by age', async () => {
  const byType = await cli(['top', '-k', 'type', '--sort', 'age', file]);
  expect(byType).toMatchObject({ code: 1 });
  expect(byType.stderr).toMatch(/there is no age by type/);
  const without = join(directory, 'without.pb.gz');
  const { traces, ...facts } = await Snapshot.load(file);
  const { Trace } = await import('../../src/traces/trace.js');
  const ageless = traces.map((trace) => new Trace({ ...trace, age: undefined }));
  await new Snapshot(ageless, facts).dump(without);
  expect((await cli(['top', '--sort', 'age', without])).stderr).toMatch(/ages: true/);
  expect((await cli(['top', without])).stdout).toMatch(/^ *size +± +count +what +where$/m);
});

test('with since, until and survivors, ages are of what these leave', async () => {
  const { passed, ages } = await ask<{ passed: number; ages: (Age | null)[] }>('ofSomeAges', {
    args: GC,
  });
  const [later, before, survivors, all, unasked] = ages;
  expect(later?.oldest).toBeLessThan(passed + RESOLUTION);
  // A timer may fire a millisecond early.
  expect(before?.mean).toBeGreaterThan(1.499);
  expect(survivors?.collections).toBeGreaterThanOrEqual(1);
  expect(all?.oldest).toBeGreaterThan(1.499);
  expect(all?.mean).toBeLessThan(before?.mean ?? Number.NaN);
  expect(all?.mean).toBeGreaterThan(later?.mean ?? Number.NaN);
  expect(unasked).toBeNull();
});

test('function precision: Buffers have ages, objects none', async () => {
  const { heap, heaps, buffers } = await ask<{ heap: Age[]; heaps: number; buffers: Age[] }>(
    'atFunctionPrecision',
  );
  expect(heaps).toBeGreaterThan(0);
  expect(heap).toEqual([]);
  expect(buffers.length).toBeGreaterThan(0);
  for (const { mean, oldest } of buffers) expect(mean).toBeLessThanOrEqual(oldest);
});

// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const ask = programs<typeof import('../fixtures/api.mjs')>('api');

test('nothing is loaded or traced before start()', async () => {
  const result = await ask('beforeStart');
  expect(result).toEqual({
    before: [false, { current: 0, peak: 0 }, 96, 0, 'ERR_NOT_TRACING', 'OK', false, ''],
    unloaded: 0,
    loaded: 1,
  });
});

test('a second start does nothing, but is still checked', async () => {
  const result = await ask('secondStart');
  expect(result).toEqual([
    4096,
    3,
    true,
    ['heap', 'buffer'],
    process.versions.modules,
    'ERR_INVALID_OPTION',
    true,
    false,
    3,
    'ERR_NOT_TRACING',
  ]);
});

test('start after stop begins a new tracing session', async () => {
  const sizes = await ask<number[]>('startedAnew');
  for (const size of sizes) {
    expect(size).toBeGreaterThan(600_000);
    expect(size).toBeLessThan(1_100_000);
  }
});

test('the leak is the first row, within its error, without garbage', async () => {
  const result = await ask<{
    name: string;
    size: number;
    count: number;
    sizeDiff: number;
    error: number;
    samples: number;
    text: string;
  }>('leakBesideGarbage', { args: ['--expose-gc'] });
  const truth = 4000 * (16 + 16 + 16 + 250 * 8);
  expect(result.name).toBe('remember');
  expect(result.size).toBeGreaterThan(truth * 0.85);
  expect(result.size).toBeLessThan(truth * 1.15);
  expect(result.sizeDiff).toBeGreaterThan(truth * 0.85);
  expect(result.samples).toBeGreaterThan(500);
  expect(result.error).toBeLessThan(truth * 0.1);
  expect(result.text).toMatch(/: size=[\d.]+ (K|M)iB \(\+/);
});

test("no traceback contains the package's own files", async () => {
  const own = await ask<{ own: string[]; traces: number }>('ownFiles');
  expect(own.own).toEqual([]);
  expect(own.traces).toBeGreaterThan(0);
});

test('an older snapshot keeps its figures and tracebacks when traces are cleared', async () => {
  const result = await ask<{ eager: string[]; lazy: string[]; after: string[] }>(
    'clearedBehindSnapshot',
  );
  expect(result).toEqual({ eager: ['first'], lazy: ['first'], after: ['second'] });
});

test('tracing continues after a clear; the peak stays until it is reset', async () => {
  const result = await ask<{
    tracing: boolean;
    peak: number;
    current: number;
    resetPeak: number;
    cleared: number;
  }>('clearedAndReset', { args: ['--expose-gc'] });
  expect(result.tracing).toBe(true);
  expect(result.peak).toBeGreaterThan(1_200_000);
  expect(result.current).toBeLessThan(result.peak / 2);
  expect(result.resetPeak).toBeLessThan(result.peak / 2);
  expect(result.cleared).toBeLessThan(result.peak / 2);
});

test('a damaged batch throws ERR_CORRUPT_BATCH, and the next snapshot is complete', async () => {
  const result = await ask<{ code: string; before: number; after: number }>('damagedBatch');
  expect(result.code).toBe('ERR_CORRUPT_BATCH');
  // 2000 arrays of 816 bytes are kept, minus four standard errors; others may have been collected.
  expect(result.before).toBeGreaterThan(1_470_000);
  expect(result.after).toBeGreaterThan(1_470_000);
});

test('can be required, without a warning', async () => {
  const result = await ask<string[]>('required');
  expect(result).toEqual(['function']);
});

test('a copy in another realm starts with its own options', async () => {
  const result = await ask<{ before: boolean; sampleInterval: number; size: number }>(
    'anotherRealm',
  );
  expect(result).toMatchObject({ before: false, sampleInterval: 1024 });
  // 1000 arrays of 816 bytes are kept. With the first interval, of 1 GiB, a sample would be taken in
  // one of a thousand runs.
  expect(result.size).toBeGreaterThan(500_000);
  expect(result.size).toBeLessThan(5_000_000);
});

test('two copies in one realm, as bundlers make them, have one session', async () => {
  const result = await ask<{ size: number; site: string }>('twoCopies');
  expect(result).toMatchObject({ areTwo: true, stopped: [false, false], kept: 1000 });
  expect(result.site).toMatch(/fixtures\/api\.mjs:\d+$/);
  // 1000 arrays of 816 bytes, within ten standard errors, each of 816 * sqrt(1000 * (1 / p - 1)) bytes
  // with p = 1 - exp(-816 / 1024); the heads of the arrays and the outer array are on that line, too.
  expect(result.size).toBeGreaterThan(582_000);
  expect(result.size).toBeLessThan(1_100_000);
});

// SPDX-License-Identifier: MIT
// Threads that ask each other for snapshots: the asking thread gets an answer in time, and the
// asked one does its own work, whatever the others do. A thread's history shows how many snapshots
// it took: it has a reading for each.
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const asking = programs<typeof import('../fixtures/thread-questions/programs.mjs')>(
  'thread-questions/programs',
);
const QUIET = { isQuiet: true } as const;

test('a hundred questions that wait are answered by one snapshot', async () => {
  const { threads, taken } = await asking<{ threads: number[][]; taken: number }>('waiting', QUIET);
  expect(threads).toEqual(Array.from({ length: 100 }, () => [0, expect.any(Number)]));
  // More than one only if the questions were heard in parts.
  expect(taken).toBeGreaterThanOrEqual(1);
  expect(taken).toBeLessThanOrEqual(3);
});

test('questions whose askers have given up cost who is asked nothing', async () => {
  const { threads, taken } = await asking<{ threads: number[][]; taken: number }>('givenUp', QUIET);
  expect(threads).toEqual(Array.from({ length: 50 }, () => [0]));
  expect(taken).toBe(0);
});

test('who is asked without end has time for its own work', async () => {
  const { share, answered } = await asking<{ share: number; answered: number }>(
    'withoutEnd',
    QUIET,
  );
  expect(answered).toBeGreaterThan(0);
  // A third for answers; the rest is hearing twenty askers, and waking up for them.
  expect(share).toBeLessThan(0.7);
});

test('threads that all ask each other at once all hear each other', async () => {
  const all = await asking<{ threads: number[]; silentThreads: number[]; size: number }[]>(
    'eachOther',
    QUIET,
  );
  expect(all).toHaveLength(7);
  for (const { threads, silentThreads, size } of all) {
    expect({ count: threads.length, silentThreads }).toEqual({ count: 7, silentThreads: [] });
    expect(size).toBeGreaterThan(0);
  }
});

test('eight threads with much to tell, and one that never answers: in time all the same', async () => {
  const { took, threads, silent, sites } = await asking<{
    took: number;
    threads: number;
    silent: number;
    sites: number;
  }>('muchToTell', QUIET);
  expect(threads + silent).toBe(10);
  expect(threads).toBeGreaterThan(1);
  expect(silent).toBeGreaterThanOrEqual(1);
  // Each has a function of its own for each of its thousands.
  expect(sites).toBeGreaterThan(1000);
  expect(took).toBeGreaterThanOrEqual(2990);
  expect(took).toBeLessThanOrEqual(3300);
});

test('a snapshot of its own that takes longer than the timeout: no question, and no word of it', async () => {
  const silent = await asking<number[]>('longerThanTimeout', QUIET);
  expect(silent).toEqual([expect.any(Number)]);
});

test('what others say on our channels is no question', async () => {
  const { threads, files } = await asking<{ threads: number[]; files: number }>('forged', QUIET);
  expect(threads).toHaveLength(2);
  expect(files).toBeGreaterThan(0);
});

test('a question and its answer load nothing of Node in either thread', async () => {
  const { asker, asked } = await asking<{ asker: string[]; asked: string[] }>(
    'modulesLoaded',
    QUIET,
  );
  for (const loaded of [asker, asked]) {
    expect(loaded.filter((name) => /http|crypto|undici|streams/.test(name))).toEqual([]);
  }
});

// SPDX-License-Identifier: MIT
// Threads request snapshots of each other: the requesting thread gets a result in time, and the
// other can do its own work, whatever the others do. A thread's history shows how many snapshots it
// took: it has a reading for each.
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const asking = programs<typeof import('../fixtures/thread-questions/programs.mjs')>(
  'thread-questions/programs',
);
const QUIET = { isQuiet: true } as const;

test('a hundred waiting requests share one snapshot', async () => {
  const { threads, taken } = await asking<{ threads: number[][]; taken: number }>('waiting', QUIET);
  expect(threads).toEqual(Array.from({ length: 100 }, () => [0, expect.any(Number)]));
  // More than one only if the requests arrived in parts.
  expect(taken).toBeGreaterThanOrEqual(1);
  expect(taken).toBeLessThanOrEqual(3);
});

test('a thread takes no snapshots for requests that have timed out', async () => {
  const { threads, taken } = await asking<{ threads: number[][]; taken: number }>('givenUp', QUIET);
  expect(threads).toEqual(Array.from({ length: 50 }, () => [0]));
  expect(taken).toBe(0);
});

test('a thread that gets requests without pause has time for its own work', async () => {
  const { share, answered } = await asking<{ share: number; answered: number }>(
    'withoutEnd',
    QUIET,
  );
  expect(answered).toBeGreaterThan(0);
  // A third for snapshots; the rest for receiving the requests of twenty callers, and waking up.
  expect(share).toBeLessThan(0.7);
});

test('threads that all request snapshots at once all get the snapshots of all', async () => {
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

test('eight threads with large snapshots, and one that never responds: the timeout is kept', async () => {
  const { took, threads, silent, sites } = await asking<{
    took: number;
    threads: number;
    silent: number;
    sites: number;
  }>('muchToTell', QUIET);
  expect(threads + silent).toBe(10);
  expect(threads).toBeGreaterThan(1);
  expect(silent).toBeGreaterThanOrEqual(1);
  // Each thread has more than a thousand functions.
  expect(sites).toBeGreaterThan(1000);
  expect(took).toBeGreaterThanOrEqual(2990);
  expect(took).toBeLessThanOrEqual(3300);
});

test("if the caller's own snapshot exceeds the timeout, other threads are silent, without a warning", async () => {
  const silent = await asking<number[]>('longerThanTimeout', QUIET);
  expect(silent).toEqual([expect.any(Number)]);
});

test('messages of other code on our channels are ignored', async () => {
  const { threads, files } = await asking<{ threads: number[]; files: number }>('forged', QUIET);
  expect(threads).toHaveLength(2);
  expect(files).toBeGreaterThan(0);
});

test('a request and its response load no http, crypto, undici or streams in either thread', async () => {
  const { asker, asked } = await asking<{ asker: string[]; asked: string[] }>(
    'modulesLoaded',
    QUIET,
  );
  for (const loaded of [asker, asked]) {
    expect(loaded.filter((name) => /http|crypto|undici|streams/.test(name))).toEqual([]);
  }
});

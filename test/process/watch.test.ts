// SPDX-License-Identifier: MIT
// watch(): yields the changes, for as long as tracing continues and there is a consumer.
import { expect, test } from 'vitest';
import { programs, run } from '../support/child.js';

const ask = programs<typeof import('../fixtures/watch/programs.mjs')>('watch/programs');

test('each turn yields the growth since the previous one', async () => {
  const turns = await ask<{ grown: number; line: string; linked: boolean }[]>('turns');
  expect(turns).toHaveLength(3);
  for (const { grown, line, linked } of turns) {
    // Each time an object of 20 or 40 bytes, an array of 16 or 32, and its elements of 12 or 24.
    expect(grown).toBeGreaterThan(20_000 * 30);
    expect(grown).toBeLessThan(20_000 * 150);
    expect(line).toContain('size=');
    expect(linked).toBe(true);
  }
});

test('a slow consumer gets the newest state, and no queue', async () => {
  const isNewest = await ask('slowConsumer');
  expect(isNewest).toEqual([true, true, true]);
});

test('stop() ends a wait at once, and a restart does not resume it', async () => {
  const seen = await ask('stopped');
  const done = { done: true };
  expect(seen).toEqual({ results: [done, done, done], returned: done });
});

test('watchers that are due together share a snapshot', async () => {
  const shared = await ask('shared');
  expect(shared).toBe(true);
});

test('watch() does not keep a process alive', async () => {
  const outcome = await run(new URL('../fixtures/watch/alone.mjs', import.meta.url));
  expect(outcome).toEqual({ code: 0, signal: null, stdout: 'worked\n', stderr: '' });
});

test('wrong use throws at the call', async () => {
  const codes = await ask('wrongUse');
  expect(codes).toEqual(['ERR_NOT_TRACING', ...Array(7).fill('ERR_INVALID_OPTION')]);
});

// SPDX-License-Identifier: MIT
// Channels have names that other code in the process may use: messages that are not ours are
// ignored.
import { expect, test } from 'vitest';
import { programs, REGISTER, run } from '../support/child.js';

const ask = programs<typeof import('../fixtures/channels/programs.mjs')>('channels/programs');

test('foreign messages on the channels of a traced process do no harm, and get no response', async () => {
  const outcome = await run(new URL('../fixtures/channels/publishes.mjs', import.meta.url), {
    args: ['--require', REGISTER],
    env: { TRACEMALLOC: '1', TRACEMALLOC_REPORT_EVERY: '0' },
  });
  expect(outcome).toEqual({ code: 0, signal: null, stdout: 'served\n', stderr: '' });
});

test('a thread that responds with junk counts as silent; the others are in the snapshot', async () => {
  const result = await ask<{ threads: number[]; silentThreads: number[]; size: number }>(
    'honestAndLiar',
  );
  expect(result).toMatchObject({ threads: [0, 1], silentThreads: [2] });
  expect(result.size).toBeGreaterThan(1_000_000);
});

// SPDX-License-Identifier: MIT
// Buffers are freed on V8's sweeper threads and on other isolates' threads while this one stops,
// starts and clears. Deaths of buffers of an earlier session must not be counted: everything is
// traced, so the live bytes are known exactly.
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const ask =
  programs<typeof import('../fixtures/other-threads/programs.mjs')>('other-threads/programs');

const seconds = 8;

test.each([
  { how: 'clear', born: 400 },
  { how: 'clear', born: 3000 },
  { how: 'stop', born: 400 },
])('$how, while $born buffers die on the sweeper', async ({ how, born }) => {
  const wrong = await ask('deathsOnSweeper', {
    given: { how, born, seconds },
    args: ['--expose-gc'],
  });
  expect(wrong).toEqual([]);
});

test('one thread stops and clears while another frees its buffers', async () => {
  const seen = await ask('deathsOnThread', { given: { seconds }, args: ['--expose-gc'] });
  expect(seen).toEqual({
    wrong: [],
    checks: [
      [0, 0],
      [0, 0],
    ],
  });
});

// With a service's defaults, and without forced collections.
test.each(['stop', 'clear'])('%s every 20 ms, with default options', async (how) => {
  const samples = await ask<number>('restartedOften', { given: { how, seconds } });
  expect(samples).toBeLessThan(1000);
});

// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const ask = programs<typeof import('../fixtures/track.mjs')>('track');

test('tracked memory is exact, at the line that tracked it, until untracked', async () => {
  const seen = await ask<Record<string, unknown>>('trackedMemory');
  expect(seen['off']).toBe(false);
  expect(seen['filled']).toEqual([expect.stringMatching(/^put .*size=87 B, count=3/)]);
  expect(seen['undone']).toEqual([true, false, false]);
  expect(seen['left']).toEqual([expect.stringMatching(/size=80 B, count=2, average=40 B$/)]);
  expect(seen['domains']).toEqual(['heap', 'buffer', 'cache']);
  expect(seen['cleared']).toEqual([]);
  expect(seen['again']).toEqual([]);
  expect(seen['codes']).toEqual(Array(5).fill('ERR_INVALID_ARGUMENT'));
  expect(seen).toMatchObject({ name: 'put', line: true, restored: true });
});

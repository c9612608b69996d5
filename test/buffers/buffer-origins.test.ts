// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const ask = programs<typeof import('../fixtures/buffer-origins.mjs')>('buffer-origins');

test.each(['heap,buffer', 'buffer'])('%s: every buffer is found by its memory', async (text) => {
  const seen = await ask<Record<string, unknown>>('everyKind', {
    given: { domains: text.split(',') },
  });
  expect(seen).toMatchObject({
    arrayBuffer: 'a',
    buffer: 'b',
    floats: 'c',
    shared: 'd',
    view: 'e',
  });
  expect(seen['moved']).toBe('a');
});

test('a slice of a slab: where it was made, or else where the slab was', async () => {
  const seen = await ask<unknown[]>('slices');
  expect(seen).toEqual(['slice', 'refill']);
});

test('undefined for what nobody can know', async () => {
  const seen = await ask<unknown[]>('unknown');
  expect(seen).toEqual([null, null, null, null, null, null]);
});

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

test("a slice of a slab has its own traceback, or else the slab's", async () => {
  const seen = await ask<unknown[]>('slices');
  expect(seen).toEqual(['slice', 'refill']);
});

test('undefined for buffers without a known allocation', async () => {
  const seen = await ask<unknown[]>('unknown');
  expect(seen).toEqual([null, null, null, null, null, null]);
});

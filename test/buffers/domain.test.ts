// SPDX-License-Identifier: MIT
// The domain as users choose it: alone, with the heap, and where it is unavailable.
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const ask = programs<typeof import('../fixtures/domain/programs.mjs')>('domain/programs');

test.each([
  { domains: ['heap', 'buffer'], heap: true, buffer: true },
  { domains: ['buffer'], heap: false, buffer: true },
  { domains: ['heap'], heap: true, buffer: false },
])('$domains', async ({ domains, heap, buffer }) => {
  const seen = await ask<Record<string, unknown>>('chosenDomains', { given: { chosen: domains } });
  expect(seen).toMatchObject({
    precision: 'line',
    reason: '',
    domains,
    of: domains,
    cleared: [0, 0],
    again: buffer ? 1e6 : 0,
    holds: [true, true],
    engine: heap ? 'allocation-hook' : 'buffer-hook',
  });
  const [ofHeap, ofBuffers] = seen['full'] as [number, number];
  expect(ofBuffers).toBe(buffer ? 1e6 : 0);
  expect(ofHeap > 0.9e6).toBe(heap);
});

test('with an unknown allocator the heap is still traced, and status() says why', async () => {
  const seen = await ask('unknownAllocator', { args: ['--debug-arraybuffer-allocations'] });
  expect(seen).toEqual([
    ['heap'],
    expect.stringMatching(/^buffers are not traced: .*--debug-arraybuffer-allocations/),
    true,
    0,
    ['heap'],
    'ERR_UNSUPPORTED_PLATFORM',
    false,
  ]);
});

test.each(['heap,buffer', 'buffer'])(
  'function precision, %s: one frame for all buffers',
  async (text) => {
    const seen = await ask<[string, unknown, unknown]>('functionPrecision', {
      given: { domains: text.split(',') },
    });
    expect(seen).toEqual([
      expect.stringMatching(/buffers are counted without their stacks$/),
      expect.arrayContaining(['(buffer):0']),
      true,
    ]);
  },
);

test('buffers that Node allocates by itself have a label', async () => {
  const seen = await ask<Record<string, number>>('labelledBuffers');
  expect(seen['(http body)']).toBeGreaterThanOrEqual(300_000);
  expect(seen['(http2 data)']).toBeGreaterThanOrEqual(40_000);
  expect(seen['(socket or pipe data)']).toBeGreaterThanOrEqual(50_000);
  expect(seen['(udp message)']).toBeGreaterThanOrEqual(1000);
  expect(seen['(worker message)']).toBeGreaterThanOrEqual(70_000);
  expect(seen['(native)']).toBeUndefined();
});

test('after a burst of buffers figures are right, and the interval is the finest again', async () => {
  const seen = await ask<{ size: number; error: number; calm: number }>('storm', {
    args: ['--expose-gc'],
  });
  expect(seen.calm).toBe(16_384);
  expect(Math.abs(seen.size - 15_000 * 16_384)).toBeLessThan(5 * seen.error);
  expect(seen.error).toBeLessThan(15_000 * 16_384 * 0.2);
});

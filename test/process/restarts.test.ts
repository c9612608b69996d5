// SPDX-License-Identifier: MIT
// The memory of a process after many starts and stops.
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const ask = programs<typeof import('../fixtures/restarts.mjs')>('restarts');

test('starting and stopping over and over leaves nothing behind', async () => {
  const growth = await ask<number>('growthByCycles', { args: ['--expose-gc'] });
  expect(growth).toBeLessThan(16_000_000);
});

test('3,000 starts and stops among live and dying buffers: the same memory', async () => {
  const { grown, diagnostics } = await ask<{
    grown: number;
    diagnostics: Record<string, number>;
  }>('amongBuffers', { args: ['--expose-gc'] });
  // V8 and malloc keep 10 to 25 MB more of this program, 10 even without tracing. What one start sets up
  // takes 66 kB: lost each round, that would be 160 MB.
  expect(grown).toBeLessThan(40e6);
  expect(diagnostics).toMatchObject({
    bufferWrongSizes: 0,
    bufferMissedDeaths: 0,
    bufferOutOfMemory: 0,
  });
});

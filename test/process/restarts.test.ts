// SPDX-License-Identifier: MIT
// The memory of a process after many starts and stops.
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const ask = programs<typeof import('../fixtures/restarts.mjs')>('restarts');

test('repeated starts and stops leave nothing behind', async () => {
  const growth = await ask<number>('growthByCycles', { args: ['--expose-gc'] });
  expect(growth).toBeLessThan(16_000_000);
});

test('3,000 starts and stops among live and dying buffers leak no memory', async () => {
  const { grown, diagnostics } = await ask<{
    grown: number;
    diagnostics: Record<string, number>;
  }>('amongBuffers', { args: ['--expose-gc'] });
  // V8 and malloc keep 10 to 25 MB more for this program, 10 even without tracing. One start
  // allocates 66 kB: leaked in each round, that would be 160 MB.
  expect(grown).toBeLessThan(40e6);
  expect(diagnostics).toMatchObject({
    bufferWrongSizes: 0,
    bufferMissedDeaths: 0,
    bufferOutOfMemory: 0,
  });
});

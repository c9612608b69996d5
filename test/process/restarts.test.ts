// SPDX-License-Identifier: MIT
// Starting and stopping over and over: what the process holds afterwards.
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

test('starting and stopping over and over leaves nothing behind', async () => {
  const growth = await evaluate<number>(
    `
    const cycles = (n) => { for (let i = 0; i < n; i++) { tracemalloc.start({ sampleInterval: 256 }); globalThis.o = [{ i }]; tracemalloc.stop(); } };
    cycles(300);
    gc();
    const before = process.memoryUsage().rss;
    cycles(1500);
    gc();
    report(process.memoryUsage().rss - before);
  `,
    { args: ['--expose-gc'] },
  );
  expect(growth).toBeLessThan(16_000_000);
});

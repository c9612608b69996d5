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

test('3,000 starts and stops among live and dying buffers: the same memory', async () => {
  const { grown, diagnostics } = await evaluate<{
    grown: number;
    diagnostics: Record<string, number>;
  }>(
    `
    const { start, stop, status, takeSnapshot } = tracemalloc;
    const { setImmediate, setTimeout: delay } = await import('node:timers/promises');
    let kept = [];
    let early;
    for (let round = 0; round < 3000; round++) {
      if (round === 500) { gc(); early = process.memoryUsage.rss(); }
      start({ sampleInterval: 1000, domains: ['buffer'] });
      for (let i = 0; i < 20; i++) kept[(round + i) % 50] = new ArrayBuffer(5000);
      if (round % 100 === 0) { takeSnapshot(); await setImmediate(); }
      stop();
    }
    gc();
    const grown = process.memoryUsage.rss() - early;
    // What is freed now was sampled by none of those that run.
    start({ sampleInterval: 1 });
    kept = [];
    for (let i = 0; i < 5; i++) { gc(); await delay(10); }
    takeSnapshot();
    report({ grown, diagnostics: status().diagnostics });
  `,
    { args: ['--expose-gc'] },
  );
  // V8 and malloc keep 10 MB more of this program even without tracing. What one start sets up
  // takes 66 kB: lost each round, that would be 160 MB.
  expect(grown).toBeLessThan(25e6);
  expect(diagnostics).toMatchObject({
    bufferWrongSizes: 0,
    bufferMissedDeaths: 0,
    bufferOutOfMemory: 0,
  });
});

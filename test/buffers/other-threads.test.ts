// SPDX-License-Identifier: MIT
// Buffers die on V8's sweeper threads and on other isolates' threads while this one stops, starts
// and clears. What died of a session that is over must be counted nowhere: everything is traced, so
// what is live is known to the byte.
import { expect, test } from 'vitest';
import { evaluate, PACKAGE } from '../support/child.js';

const SECONDS = 8;
// Deaths are counted when the thread next samples, collects or looks.
const ROUNDS = `
  const options = { domains: ['buffer'], sampleInterval: 1 };
  const { start, stop, clearTraces, getTracedMemory, status } = tracemalloc;
  const anew = { clear: clearTraces, stop() { stop(); start(options); } };
  const rounds = (how, born) => {
    const end = Date.now() + ${SECONDS} * 1000;
    const wrong = [];
    for (let round = 0; Date.now() < end && wrong.length < 3; round++) {
      for (let i = 0; i < born; i++) new ArrayBuffer(100 + i);
      gc({ type: 'minor' });
      anew[how]();
      const kept = [new ArrayBuffer(64), new ArrayBuffer(64)];
      const { current } = getTracedMemory();
      if (current !== 128 || status().samples !== 2) wrong.push([round, current, status().samples]);
      kept.length = 0;
    }
    return wrong;
  };
`;

test.each([
  ['clear', 400],
  ['clear', 3000],
  ['stop', 400],
])('%s, while %i buffers die on the sweeper', async (how, born) => {
  const wrong = await evaluate(
    `${ROUNDS} start(options); report(rounds(${JSON.stringify(how)}, ${born}));`,
    { args: ['--expose-gc'] },
  );
  expect(wrong).toEqual([]);
});

test('one thread stops and clears what another frees', async () => {
  const seen = await evaluate(
    `
    import { once } from 'node:events';
    import { setImmediate } from 'node:timers/promises';
    import { Worker } from 'node:worker_threads';
    ${ROUNDS}
    const code = \`
      const { parentPort } = require('node:worker_threads');
      import(${JSON.stringify(PACKAGE)}).then((tracemalloc) => {
        tracemalloc.start({ domains: ['buffer'], sampleInterval: 1 });
        let messages = 0;
        parentPort.on('message', () => {
          if (++messages % 20 === 0) gc({ type: 'minor' });
          parentPort.postMessage(tracemalloc.status().diagnostics);
        });
      });\`;
    const other = new Worker(code, { eval: true, execArgv: [] });
    let received = 0;
    let last;
    other.on('message', (diagnostics) => { received++; last = diagnostics; });
    const end = Date.now() + ${SECONDS} * 1000;
    const wrong = [];
    start(options);
    while (Date.now() < end && wrong.length < 3) {
      for (let i = 0; i < 30; i++) {
        const buffer = new ArrayBuffer(1000 + i);
        other.postMessage(buffer, [buffer]);
      }
      anew[Math.random() < 0.5 ? 'clear' : 'stop']();
      const kept = [new ArrayBuffer(64), new ArrayBuffer(64)];
      const { current } = getTracedMemory();
      if (current !== 128) wrong.push(current);
      kept.length = 0;
      await setImmediate();
    }
    if (received === 0) await once(other, 'message');
    const checks = [status().diagnostics, last]
      .map((d) => [d.bufferWrongSizes, d.bufferMissedDeaths]);
    await other.terminate();
    report({ wrong, checks });`,
    { args: ['--expose-gc'] },
  );
  expect(seen).toEqual({
    wrong: [],
    checks: [
      [0, 0],
      [0, 0],
    ],
  });
});

// As a service is run: by default, and nobody forces a collection.
test.each(['stop', 'clear'])('%s every 20 ms, by default', async (how) => {
  const samples = await evaluate<number>(
    `
    const { start, stop, clearTraces, status } = tracemalloc;
    start();
    let most = 0;
    const timer = setInterval(() => {
      if (${JSON.stringify(how)} === 'clear') clearTraces();
      else { stop(); start(); }
      most = Math.max(most, status().samples);
    }, 20);
    const ring = [];
    const end = Date.now() + ${SECONDS} * 1000;
    (function churn() {
      for (let i = 0; i < 300; i++) ring[i % 16] = Buffer.allocUnsafe(65536);
      if (Date.now() < end) return setImmediate(churn);
      clearInterval(timer);
      report(most);
    })();`,
  );
  expect(samples).toBeLessThan(1000);
});

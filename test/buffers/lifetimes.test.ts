// SPDX-License-Identifier: MIT
// A buffer counts from its allocation to its release, wherever and whenever that is. Everything is
// traced, so figures are exact; the self-checks must stay 0.
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

const GC = { args: ['--expose-gc'] };

// bytes(name): live bytes of the buffers that the function of that name made.
const TOOLS = `
  import { setImmediate, setTimeout as delay } from 'node:timers/promises';
  import { Worker } from 'node:worker_threads';
  import { once } from 'node:events';
  const { start, stop, status, takeSnapshot, getTracedMemory } = tracemalloc;
  const MB = 1e6;
  const bytes = (name) => takeSnapshot().traces
    .filter((t) => t.domain === 'buffer' && t.traceback.frames.some((f) => f.functionName === name))
    .reduce((sum, t) => sum + t.size, 0);
  // V8 frees on its own threads, soon after a collection.
  const settled = async (name, expected) => {
    for (let i = 0; i < 200 && bytes(name) !== expected; i++) { gc(); await delay(10); }
    return bytes(name);
  };
  const checks = () => {
    const { bufferWrongSizes, bufferMissedDeaths, bufferOutOfMemory } = status().diagnostics;
    return [bufferWrongSizes, bufferMissedDeaths, bufferOutOfMemory];
  };
  const worker = (code, workerData) => new Worker(code, { eval: true, workerData, execArgv: [] });
  globalThis.kept = [];
`;
const FINE = [0, 0, 0];

test('older than start, then freed: as if it had never been', async () => {
  const seen = await evaluate(
    `${TOOLS}
    function old() { kept.push(new ArrayBuffer(5 * MB)); }
    function young() { kept.push(new ArrayBuffer(MB)); }
    old();
    start({ sampleInterval: 1, domains: ['buffer'] });
    young();
    const before = [bytes('old'), bytes('young')];
    kept.length = 0;
    report([before, await settled('young', 0), bytes('old'),
      getTracedMemory().current >= 0, checks()]);`,
    GC,
  );
  expect(seen).toEqual([[0, 1e6], 0, 0, true, FINE]);
});

test('freed after stop, and while tracing anew', async () => {
  const seen = await evaluate(
    `${TOOLS}
    function first() { for (let i = 0; i < 20; i++) kept.push(new ArrayBuffer(MB)); }
    function second() { for (let i = 0; i < 20; i++) kept.push(new ArrayBuffer(MB)); }
    start({ sampleInterval: 1 });
    first();
    stop();
    kept.length = 10;
    gc();
    await delay(50);
    start({ sampleInterval: 1 });
    second();
    kept.splice(0, 10);
    const half = await settled('second', 20 * MB);
    kept.length = 5;
    report([half, await settled('second', 5 * MB), bytes('first'), checks()]);`,
    GC,
  );
  expect(seen).toEqual([20e6, 5e6, 0, FINE]);
});

test('detached by a transfer, and shared: one life each', async () => {
  const seen = await evaluate(
    `${TOOLS}
    function moved() { const a = new ArrayBuffer(MB); kept.push(structuredClone(a, { transfer: [a] }), a); }
    function shared() { const a = new SharedArrayBuffer(MB); kept.push(a, structuredClone(a)); }
    start({ sampleInterval: 1 });
    moved();
    shared();
    gc();
    const before = [bytes('moved'), bytes('shared')];
    kept.splice(0, 1);
    const unmoved = await settled('moved', 0);
    kept.splice(1, 1);
    const held = await settled('shared', MB);
    kept.length = 0;
    report([before, unmoved, held, await settled('shared', 0), checks()]);`,
    GC,
  );
  expect(seen).toEqual([[1e6, 1e6], 0, 1e6, 0, FINE]);
});

test('transferred to a worker: lives on there, freed by its collector or its end', async () => {
  const seen = await evaluate(
    `${TOOLS}
    function sent(port) { const a = new ArrayBuffer(MB); port.postMessage(a, [a]); }
    start({ sampleInterval: 1 });
    const other = worker(\`
      const { parentPort } = require('node:worker_threads');
      const kept = [];
      parentPort.on('message', (m) => { kept.push(m); parentPort.postMessage(kept.length); });\`);
    for (let i = 0; i < 5; i++) { sent(other); await once(other, 'message'); }
    gc();
    const there = bytes('sent');
    await other.terminate();
    report([there, await settled('sent', 0), checks()]);`,
    GC,
  );
  expect(seen).toEqual([5e6, 0, FINE]);
});

test('tracing workers, terminated with buffers in flight both ways', async () => {
  const seen = await evaluate(
    `${TOOLS}
    function sent(port) { const a = new ArrayBuffer(1e5); port.postMessage(a, [a]); }
    start({ sampleInterval: 1 });
    const code = \`
      const { parentPort, workerData } = require('node:worker_threads');
      parentPort.on('message', () => {});
      import(workerData).then((tracemalloc) => {
        tracemalloc.start({ sampleInterval: 1 });
        const send = () => {
          for (let i = 0; i < 20; i++) {
            const a = new ArrayBuffer(1e5);
            parentPort.postMessage(a, [a]);
          }
          setImmediate(send);
        };
        send();
      });\`;
    let received = 0;
    for (let round = 0; round < 8; round++) {
      const other = worker(code, ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
      other.on('message', (m) => { received += m.byteLength; kept.push(m); });
      await once(other, 'message');
      for (let i = 0; i < 20; i++) sent(other);
      await other.terminate();
    }
    // Theirs, not ours, though they are here now.
    const foreign = bytes('send');
    kept.length = 0;
    report([received > 0, foreign, await settled('sent', 0), checks()]);`,
    GC,
  );
  expect(seen).toEqual([true, 0, 0, FINE]);
});

test.each(['process.exit(0)', 'throw 1', ''])('the process ends by %s', async (end) => {
  const seen = await evaluate<string>(
    `start();
    function start() {
      tracemalloc.start({ sampleInterval: 1 });
      globalThis.kept = Array.from({ length: 200 }, () => new ArrayBuffer(1e5));
      kept.length = 20;
      gc();
      process.on('uncaughtException', () => process.exit(0));
      report('before');
      setImmediate(() => { ${end} });
    }`,
    GC,
  );
  expect(seen).toBe('before');
});

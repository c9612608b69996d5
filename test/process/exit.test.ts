// SPDX-License-Identifier: MIT
// However a process or a worker ends while tracing, it ends as it would have ended without us.
import { expect, test } from 'vitest';
import { PACKAGE, run } from '../support/child.js';

const TRACE = `
  import { start, takeSnapshot, stop, isTracing } from ${JSON.stringify(PACKAGE)};
  start({ sampleInterval: 512 });
  globalThis.kept = Array.from({ length: 20000 }, (_, i) => ({ i, list: [i] }));
`;

test.each([
  ['at its end', '', 0],
  ['with a snapshot taken', 'takeSnapshot().statistics("lineno");', 0],
  ['by process.exit', 'process.exit(3);', 3],
  [
    'by process.exit in an exit handler',
    'process.on("exit", () => { takeSnapshot(); process.exit(4); });',
    4,
  ],
  ['by process.exit in a timer', 'setTimeout(() => process.exit(5), 5);', 5],
  ['with an exit code set', 'process.exitCode = 6;', 6],
  ['after stop', 'stop();', 0],
])('ends %s', async (_how, body, code) => {
  const outcome = await run(`${TRACE}${body}`);
  expect(outcome).toEqual({ code, signal: null, stdout: '', stderr: '' });
});

test('an uncaught throw and an unhandled rejection keep code 1 and their message', async () => {
  for (const body of [
    'setImmediate(() => { throw new Error("boom"); });',
    'Promise.reject(new Error("boom"));',
  ]) {
    const outcome = await run(`${TRACE}${body}`);
    expect(outcome).toMatchObject({ code: 1, signal: null, stdout: '' });
    expect(outcome.stderr).toContain('Error: boom');
  }
});

test('a signal ends it as that signal', async () => {
  const outcome = await run(
    `${TRACE}process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);`,
  );
  expect(outcome).toMatchObject({ code: null, signal: 'SIGTERM', stderr: '' });
});

const WORKER = `
  const { parentPort, workerData, threadId } = require('node:worker_threads');
  const t = require(workerData.file);
  t.start({ sampleInterval: 256 });
  globalThis.kept = Array.from({ length: 5000 }, (_, i) => ({ i, list: [i] }));
  const snapshot = t.takeSnapshot();
  const isOwn = snapshot.process.threadId === threadId && snapshot.statistics('lineno').length > 0;
  parentPort.postMessage(isOwn);
  if (workerData.end === 'terminated') setInterval(() => kept.push({}), 1);
  if (workerData.end === 'throws') throw new Error('worker boom');
  if (workerData.end === 'exits') process.exit(9);
  if (workerData.end === 'stops') t.stop();
`;

test('20 workers start and die while tracing, 5 of them terminated; the main thread goes on', async () => {
  const outcome = await run(
    `${TRACE}
    import { Worker } from 'node:worker_threads';
    const file = ${JSON.stringify(new URL(PACKAGE).pathname)};
    const ends = ['terminated', 'throws', 'exits', 'stops'];
    const one = (end) => new Promise((resolve) => {
      const worker = new Worker(${JSON.stringify(WORKER)}, { eval: true, execArgv: [], workerData: { file, end } });
      let isOwn = false, error = '';
      worker.on('message', (message) => { isOwn = message; if (end === 'terminated') worker.terminate(); });
      worker.on('error', ({ message }) => { error = message; });
      worker.on('exit', (code) => resolve({ end, isOwn, code, error }));
    });
    const results = [];
    for (let i = 0; i < 5; i++) {
      results.push(...await Promise.all(ends.map(one)));
      takeSnapshot();
    }
    gc();
    const largest = takeSnapshot().statistics('filename')[0];
    process.stdout.write(JSON.stringify({ results, tracing: isTracing(), size: largest.size }));
  `,
    { args: ['--expose-gc'] },
  );
  expect(outcome, outcome.stderr).toMatchObject({ code: 0, signal: null, stderr: '' });
  const { results, tracing, size } = JSON.parse(outcome.stdout);
  expect(results).toHaveLength(20);
  const codes: Record<string, number> = { terminated: 1, throws: 1, exits: 9, stops: 0 };
  for (const { end, isOwn, code, error } of results) {
    expect({ end, isOwn, code, error }).toEqual({
      end,
      isOwn: true,
      code: codes[end],
      error: end === 'throws' ? 'worker boom' : '',
    });
  }
  expect(tracing).toBe(true);
  expect(size).toBeGreaterThan(500_000);
});

test('main stops while a worker traces, and the other way round', async () => {
  const outcome = await run(`${TRACE}
    import { Worker } from 'node:worker_threads';
    const file = ${JSON.stringify(new URL(PACKAGE).pathname)};
    const worker = new Worker(\`
      const { parentPort, workerData } = require('node:worker_threads');
      const t = require(workerData.file);
      t.start({ sampleInterval: 256 });
      globalThis.kept = [];
      parentPort.on('message', (message) => {
        if (message === 'end') { t.stop(); parentPort.close(); return; }
        for (let i = 0; i < 5000; i++) kept.push({ i, list: [i] });
        const files = t.takeSnapshot().statistics('filename');
        parentPort.postMessage(files.find((file) => file.traceback.frames[0].filename === '[worker eval]').size);
      });
    \`, { eval: true, execArgv: [], workerData: { file } });
    const ask = () => new Promise((resolve) => { worker.once('message', resolve); worker.postMessage('go'); });
    const sizes = [await ask()];
    stop();
    sizes.push(await ask());
    start({ sampleInterval: 512 });
    sizes.push(await ask());
    worker.postMessage('end');
    await new Promise((resolve) => worker.once('exit', resolve));
    globalThis.more = Array.from({ length: 20000 }, (_, i) => ({ i, list: [i] }));
    process.stdout.write(JSON.stringify({ sizes, main: takeSnapshot().traces.length }));
  `);
  expect(outcome).toMatchObject({ code: 0, signal: null, stderr: '' });
  const { sizes, main } = JSON.parse(outcome.stdout);
  expect(sizes[0]).toBeGreaterThan(100_000);
  expect(sizes[1]).toBeGreaterThan(sizes[0] * 1.3);
  expect(sizes[2]).toBeGreaterThan(sizes[1] * 1.1);
  expect(main).toBeGreaterThan(0);
});

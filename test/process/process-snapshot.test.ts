// SPDX-License-Identifier: MIT
// One snapshot of all threads of a process, whatever the threads are doing.
import { expect, test } from 'vitest';
import { PACKAGE, REGISTER, run } from '../support/child.js';
import { asReport } from '../support/report-schema.js';

const MAIN = `
  import { Worker } from 'node:worker_threads';
  import { once } from 'node:events';
  import { takeProcessSnapshot, takeProcessReport, takeSnapshot, stop } from ${JSON.stringify(PACKAGE)};
  const worker = async (behaviour) => {
    const worker = new Worker(\`
      const { parentPort, threadId } = require('node:worker_threads');
      globalThis.kept = Array.from({ length: 20000 }, function keep(_, i) { return { i, list: [i] }; });
      parentPort.postMessage(threadId);
      \${behaviour}
    \`, { eval: true, execArgv: ['--require', ${JSON.stringify(REGISTER)}] });
    const exited = once(worker, 'exit');
    const [id] = await once(worker, 'message');
    return { worker, id, exited };
  };
  const stays = 'parentPort.on("message", () => parentPort.close());';
  const report = (value) => process.stdout.write(JSON.stringify(value));
`;
const ON = { TRACEMALLOC: '1', TRACEMALLOC_SAMPLE_INTERVAL: '1KiB', TRACEMALLOC_REPORT_EVERY: '0' };
const ask = async (body: string) => {
  const outcome = await run(`${MAIN}${body}`, { args: ['--require', REGISTER], env: ON });
  expect(outcome).toMatchObject({ code: 0, signal: null, stderr: '' });
  return JSON.parse(outcome.stdout);
};

test('the memory of all workers is in it, each counted once', async () => {
  const { threads, silentThreads, keep, own, ids } = await ask(`
    const workers = await Promise.all([worker(stays), worker(stays), worker(stays)]);
    const { snapshot, threads, silentThreads } = await takeProcessSnapshot({ timeout: '20s' });
    const sizeOf = (all) => all.statistics('function')
      .filter(({ traceback }) => traceback.at(-1).functionName === 'keep')
      .reduce((sum, { size }) => sum + size, 0);
    report({ threads, silentThreads, keep: sizeOf(snapshot), own: sizeOf(takeSnapshot()), ids: workers.map(({ id }) => id) });
    for (const { worker } of workers) worker.postMessage('end');
  `);
  expect(threads).toEqual([0, ...ids]);
  expect(silentThreads).toEqual([]);
  expect(own).toBe(0);
  // 60,000 objects with an array of one element: 80 bytes on Node 20 to 26, give or take a word each.
  expect(keep).toBeGreaterThan(60_000 * 60);
  expect(keep).toBeLessThan(60_000 * 110);
});

test('who is blocked or does not share is named, not waited for; who ended is forgotten', async () => {
  const { report, ids } = await ask(`
    const shares = await worker(stays);
    const blocked = await worker('for (;;);');
    const ended = await worker('');
    await ended.exited;
    const own = new Worker(\`
      import(${JSON.stringify(PACKAGE)}).then(({ start }) => {
        start();
        require('node:worker_threads').parentPort.on('message', () => process.exit()).postMessage(0);
      });
    \`, { eval: true, env: {}, execArgv: [] });
    await once(own, 'message');
    report({
      // Long enough for who answers, however busy the machine: those who don't never will.
      report: await takeProcessReport({ timeout: '5s', top: 3 }),
      ids: { shares: shares.id, blocked: blocked.id, own: own.threadId },
    });
    blocked.worker.terminate();
    own.terminate();
    shares.worker.postMessage('end');
  `);
  expect(asReport(report)).toMatchObject({
    threads: [0, ids.shares],
    silentThreads: [ids.blocked, ids.own],
  });
  expect(report.bySize).toHaveLength(3);
});

test('a worker that shares and has nothing else to do ends, and so does the process', async () => {
  const outcome = await run(
    `${MAIN}
    const { exited } = await worker('');
    const [code] = await exited;
    const { threads } = await takeProcessSnapshot({ timeout: '20s' });
    console.log(code, threads);
    stop();
    console.log(await takeProcessSnapshot().catch(({ code }) => code));`,
    { args: ['--require', REGISTER], env: ON },
  );
  expect(outcome).toEqual({
    code: 0,
    signal: null,
    stdout: '0 [ 0 ]\nERR_NOT_TRACING\n',
    stderr: '',
  });
});

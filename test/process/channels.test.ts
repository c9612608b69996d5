// SPDX-License-Identifier: MIT
// Channels have names, and anybody in the process may use them: what is no message of ours is ignored.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { evaluate, PACKAGE, REGISTER, run } from '../support/child.js';

const JUNK = `[null, undefined, 0, NaN, -1, '', 'text', true, 1n, [], [null], {}, new Map(), new Error('no'),
  new Uint8Array(3), { from: null }, { from: 'x', answerTo: null }, { from: 0, answerTo: {} },
  { from: 0, number: 'x', deadline: null }, { threadId: 1 }, { numbers: null }, { numbers: 3 }]`;

test('anything on the channels of a traced process: no harm, no answer', async () => {
  const outcome = await run(
    `import { channel } from 'node:diagnostics_channel';
    import { setTimeout as wait } from 'node:timers/promises';
    const junk = ${JUNK};
    for (const name of ['tracemalloc:report', 'worker_threads', 'tracemalloc:snapshots']) {
      for (const data of junk) channel(name).publish(data);
    }
    const questions = new BroadcastChannel('tracemalloc:snapshots');
    for (const data of junk) questions.postMessage(data);
    await wait(300);
    questions.close();
    console.log('served');`,
    {
      args: ['--require', REGISTER],
      env: { TRACEMALLOC: '1', TRACEMALLOC_REPORT_EVERY: '0' },
    },
  );
  expect(outcome).toEqual({ code: 0, signal: null, stdout: 'served\n', stderr: '' });
});

test('junk in place of answers: the thread is silent, the others are in the snapshot', async () => {
  const worker = (body: string) =>
    JSON.stringify(`const t = require(${JSON.stringify(fileURLToPath(PACKAGE))});
      const { parentPort, threadId } = require('node:worker_threads');
      t.start({ sampleInterval: 4096 }); ${body}
      parentPort.postMessage('ready'); setInterval(() => {}, 1000);`);
  const honest = worker(
    't.shareSnapshots(); globalThis.kept = new Array(1e5).fill(0).map((_, i) => [i]);',
  );
  // It traces, and answers every question with all kinds of nonsense.
  const liar = worker(`
    const questions = new BroadcastChannel('tracemalloc:snapshots');
    questions.onmessage = ({ data }) => {
      const names = [data.answerTo, 'tracemalloc:snapshots:' + data.from].filter((name) => typeof name === 'string');
      for (const name of names) {
        const answers = new BroadcastChannel(name);
        const traced = { current: 1, peak: 1 };
        for (const answer of ${JUNK}) answers.postMessage(answer);
        for (const more of [{}, { traced: null }, { traced }, { traced, facts: null, columns: null },
          { traced, facts: {}, columns: {} }, { traced, facts: {}, columns: { frames: [null] } },
          { traced, profile: new Uint8Array(5) }, { traced: { current: 'x' }, facts: {}, columns: { frames: [] } }]) {
          answers.postMessage({ threadId, numbers: [data.number], ...more });
          answers.postMessage({ threadId: 99, numbers: [data.number], ...more });
        }
        answers.close();
      }
    };`);
  const result = await evaluate<{ threads: number[]; silentThreads: number[]; size: number }>(
    `import { Worker } from 'node:worker_threads';
    tracemalloc.start({ sampleInterval: 4096 });
    for (const source of [${honest}, ${liar}]) {
      const worker = new Worker(source, { eval: true, execArgv: [] });
      worker.unref();
      await new Promise((done, fail) => worker.once('message', done).once('error', fail));
    }
    const { threads, silentThreads, snapshot } = await tracemalloc.takeProcessSnapshot({ timeout: '3s' });
    const size = snapshot.statistics('filename').reduce((sum, row) => sum + row.size, 0);
    report({ threads, silentThreads, size });
    process.exit();`,
  );
  expect(result).toMatchObject({ threads: [0, 1], silentThreads: [2] });
  expect(result.size).toBeGreaterThan(1_000_000);
});

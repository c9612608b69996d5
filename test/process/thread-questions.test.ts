// SPDX-License-Identifier: MIT
// Threads that ask each other for snapshots: who asks has an answer in time, and who is asked does
// its own work, whatever the others do. How many snapshots a thread took is in its history, a
// reading for each.
import { expect, test } from 'vitest';
import { PACKAGE, run } from '../support/child.js';

const MAIN = `
  import { once } from 'node:events';
  import { Worker, BroadcastChannel } from 'node:worker_threads';
  import * as tracemalloc from ${JSON.stringify(PACKAGE)};
  const { takeProcessSnapshot, takeProcessReport } = tracemalloc;
  tracemalloc.start({ sampleInterval: 4096 });
  tracemalloc.shareSnapshots();
  const WORKER = \`
    const { parentPort, threadId, workerData } = require('node:worker_threads');
    import(${JSON.stringify(PACKAGE)}).then(async (tracemalloc) => {
      tracemalloc.start({ sampleInterval: 1024 });
      tracemalloc.shareSnapshots();
      const block = (ms) => { for (const end = Date.now() + ms; Date.now() < end; ); };
      const taken = () => tracemalloc.takeSnapshot().process.history.length;
      const turn = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      const { body } = workerData;
      await new (async () => {}).constructor('t', 'tools', body)(tracemalloc, { parentPort, threadId, block, taken, turn });
    });
  \`;
  const worker = async (body) => {
    const made = new Worker(WORKER, { eval: true, workerData: { body }, execArgv: [] });
    await once(made, 'message');
    return made;
  };
  const answer = async (worker, question) => {
    worker.postMessage(question);
    return (await once(worker, 'message'))[0];
  };
  const report = (value) => { process.stdout.write(JSON.stringify(value)); process.exit(); };
`;

async function ask<T>(body: string): Promise<T> {
  const outcome = await run(`${MAIN}${body}`);
  expect(outcome).toMatchObject({ code: 0, signal: null, stderr: '' });
  return JSON.parse(outcome.stdout);
}

// Blocks as long as it is told to; then says how many snapshots it has taken since.
const BLOCKING = `
  let before;
  tools.parentPort.on('message', async (ms) => {
    if (ms > 0) {
      before = tools.taken();
      tools.parentPort.postMessage('blocks');
      tools.block(ms);
    } else {
      await tools.turn(500);
      tools.parentPort.postMessage(tools.taken() - before - 1);
    }
  });
  tools.parentPort.postMessage('ready');
`;

test('a hundred questions that wait are answered by one snapshot', async () => {
  const { threads, taken } = await ask<{ threads: number[][]; taken: number }>(`
    const asked = await worker(${JSON.stringify(BLOCKING)});
    await answer(asked, 3000);
    const answers = Array.from({ length: 100 }, () => takeProcessSnapshot({ timeout: '30s' }));
    const threads = (await Promise.all(answers)).map(({ threads }) => threads);
    report({ threads, taken: await answer(asked, 0) });
  `);
  expect(threads).toEqual(Array.from({ length: 100 }, () => [0, expect.any(Number)]));
  // More than one only if the questions were heard in parts.
  expect(taken).toBeGreaterThanOrEqual(1);
  expect(taken).toBeLessThanOrEqual(3);
});

test('questions whose askers have given up cost who is asked nothing', async () => {
  const { threads, taken } = await ask<{ threads: number[][]; taken: number }>(`
    const asked = await worker(${JSON.stringify(BLOCKING)});
    await answer(asked, 4000);
    const answers = Array.from({ length: 50 }, () => takeProcessSnapshot({ timeout: 100 }));
    const threads = (await Promise.all(answers)).map(({ threads }) => threads);
    report({ threads, taken: await answer(asked, 0) });
  `);
  expect(threads).toEqual(Array.from({ length: 50 }, () => [0]));
  expect(taken).toBe(0);
});

test('who is asked without end has time for its own work', async () => {
  const { share, answered } = await ask<{ share: number; answered: number }>(`
    const asked = await worker(\`
      const kept = Array.from({ length: 2000 }, (_, i) => new Function('return [' + i + ']')());
      globalThis.kept = kept;
      const { performance } = require('node:perf_hooks');
      tools.parentPort.on('message', async () => {
        // The thread's own time, as the loop's utilization counts it: all it does is answer.
        const before = performance.eventLoopUtilization();
        await tools.turn(4000);
        tools.parentPort.postMessage(performance.eventLoopUtilization(before).utilization);
      });
      tools.parentPort.postMessage('ready');
    \`.replace("require('node:perf_hooks')", "process.getBuiltinModule('node:perf_hooks')"));
    let isOver = false;
    let answered = 0;
    const share = answer(asked, 'now').then((share) => { isOver = true; return share; });
    const asking = async () => {
      while (!isOver) answered += (await takeProcessSnapshot({ timeout: '1s' })).threads.length - 1;
    };
    await Promise.all(Array.from({ length: 20 }, asking));
    report({ share: await share, answered });
  `);
  expect(answered).toBeGreaterThan(0);
  // A third for answers; the rest is hearing twenty askers, and waking up for them.
  expect(share).toBeLessThan(0.7);
});

test('threads that all ask each other at once all hear each other', async () => {
  const ASKING = `
    tools.parentPort.on('message', async () => {
      const { threads, silentThreads, snapshot } = await t.takeProcessSnapshot({ timeout: '30s' });
      const size = snapshot.statistics('filename').length;
      tools.parentPort.postMessage({ threads, silentThreads, size });
    });
    tools.parentPort.postMessage('ready');
  `;
  const all = await ask<{ threads: number[]; silentThreads: number[]; size: number }[]>(`
    const workers = await Promise.all(Array.from({ length: 6 }, () => worker(${JSON.stringify(ASKING)})));
    const answers = workers.map((worker) => answer(worker, 'ask'));
    const { threads, silentThreads, snapshot } = await takeProcessSnapshot({ timeout: '30s' });
    report([{ threads, silentThreads, size: snapshot.statistics('filename').length }, ...await Promise.all(answers)]);
  `);
  expect(all).toHaveLength(7);
  for (const { threads, silentThreads, size } of all) {
    expect({ count: threads.length, silentThreads }).toEqual({ count: 7, silentThreads: [] });
    expect(size).toBeGreaterThan(0);
  }
});

test('eight threads with much to tell, and one that never answers: in time all the same', async () => {
  const TELLING = `
    globalThis.kept = Array.from({ length: 1500 }, (_, i) =>
      new Function('return Array.from({ length: 20 }, function f' + i + '() { return [' + i + ']; })')());
    tools.parentPort.on('message', () => {}).postMessage('ready');
  `;
  const { took, threads, silent, sites } = await ask<{
    took: number;
    threads: number;
    silent: number;
    sites: number;
  }>(`
    const telling = [];
    for (let i = 0; i < 8; i++) telling.push(await worker(${JSON.stringify(TELLING)}));
    await takeProcessSnapshot({ timeout: '30s' }); // now they know the names of their functions
    await worker("tools.parentPort.postMessage('ready'); tools.block(60000);");
    const begun = performance.now();
    const { threads, silentThreads, snapshot } = await takeProcessSnapshot({ timeout: '3s' });
    const took = performance.now() - begun;
    const sites = snapshot.statistics('function').length;
    report({ took, threads: threads.length, silent: silentThreads.length, sites });
  `);
  expect(threads + silent).toBe(10);
  expect(threads).toBeGreaterThan(1);
  expect(silent).toBeGreaterThanOrEqual(1);
  // Each has a function of its own for each of its thousands.
  expect(sites).toBeGreaterThan(1000);
  expect(took).toBeGreaterThanOrEqual(2990);
  expect(took).toBeLessThanOrEqual(3300);
});

test('a snapshot of its own that takes longer than the timeout: no question, and no word of it', async () => {
  const silent = await ask<number[]>(`
    const asked = await worker(${JSON.stringify(BLOCKING)});
    const made = Array.from({ length: 5000 }, (_, i) =>
      new Function('return Array.from({ length: 20 }, function f' + i + '() { return [' + i + ']; })')());
    report((await takeProcessSnapshot({ timeout: 10 })).silentThreads);
  `);
  expect(silent).toEqual([expect.any(Number)]);
});

test('what others say on our channels is no question', async () => {
  const { threads, files } = await ask<{ threads: number[]; files: number }>(`
    const asked = await worker("tools.parentPort.postMessage('ready'); setInterval(() => {}, 1000);");
    const questions = new BroadcastChannel('tracemalloc:snapshots');
    const answers = new BroadcastChannel('tracemalloc:snapshots:0');
    const taking = takeProcessSnapshot({ timeout: '30s' });
    const figures = Object.fromEntries(
      ['size', 'count', 'allocatedSize', 'allocatedCount', 'samples', 'variance'].map((name) => [name, new Float64Array()]));
    const none = new Uint32Array();
    const columns = { figures, types: [], totalFrames: none, stacks: none, begins: none, ends: none, frames: [], domains: [] };
    const forged = { threadId: asked.threadId, numbers: [0], traced: { current: 1, peak: 1 } };
    for (const message of [
      ...[null, undefined, 5, 'x', {}, [], { from: 7 }, { numbers: 3 }, { from: 0, number: '1' }],
      ...[forged, { ...forged, facts: {} }, { ...forged, columns }, { ...forged, facts: {}, columns }],
      { ...forged, facts: { process: {} }, columns: { ...columns, types: [[]] } },
    ]) {
      questions.postMessage(message);
      answers.postMessage(message);
    }
    const { threads, snapshot } = await taking;
    report({ threads, files: snapshot.statistics('filename').length });
  `);
  expect(threads).toHaveLength(2);
  expect(files).toBeGreaterThan(0);
});

test('a question and its answer load nothing of Node in either thread', async () => {
  const { asker, asked } = await ask<{ asker: string[]; asked: string[] }>(`
    const asked = await worker(\`
      const before = process.moduleLoadList.slice();
      tools.parentPort.on('message', () => {
        tools.parentPort.postMessage(process.moduleLoadList.filter((name) => !before.includes(name)));
      });
      tools.parentPort.postMessage('ready');
    \`);
    const before = process.moduleLoadList.slice();
    const { threads } = await takeProcessSnapshot({ timeout: '30s' });
    if (threads.length !== 2) throw new Error('no answer');
    const asker = process.moduleLoadList.filter((name) => !before.includes(name));
    report({ asker, asked: await answer(asked, 'list') });
  `);
  for (const loaded of [asker, asked]) {
    expect(loaded.filter((name) => /http|crypto|undici|streams/.test(name))).toEqual([]);
  }
});

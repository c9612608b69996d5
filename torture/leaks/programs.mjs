// SPDX-License-Identifier: MIT
// Programs that exercise every way in which the addon could leak memory, including the ways to end.
//
//   node --expose-gc torture/leaks/programs.mjs NAME
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Session } from 'node:inspector/promises';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import * as tracemalloc from '../../dist/index.js';

const { clearTraces, getObjectTraceback, start, status, stop, takeSnapshot } = tracemalloc;
const LINE = { sampleInterval: 64 };
const FUNCTION = { ...LINE, precision: 'function' };
const HEAP = { ...LINE, domains: ['heap'] };
const BUFFERS = { sampleInterval: 1, domains: ['buffer'] };

const sites = Array.from({ length: 100 }, (_, i) => new Function(`return { a: [${i}] };`));

/** Allocates some of everything that is sampled. */
function allocate() {
  const kept = sites.map((site) => site());
  for (let i = 0; i < 3000; i++) kept.push({ i, text: `${i}` });
  for (let i = 0; i < 20; i++) kept.push(new ArrayBuffer(10_000), Buffer.from(`small ${i}`));
  return kept;
}

function cycles(options, rounds = 12) {
  for (let round = 0; round < rounds; round++) {
    start(options);
    let kept = allocate();
    if (round % 2 === 0) globalThis.gc();
    takeSnapshot({ survivors: round % 3 === 0 && status().engine === 'allocation-hook' });
    if (round % 4 === 0) clearTraces();
    kept = [kept.at(-1), allocate()];
    getObjectTraceback(kept[0]);
    if (round % 5 === 0) globalThis.gc();
    takeSnapshot();
    stop();
  }
}

/** A thread that runs this file. */
function thread(name, limits = {}) {
  return new Worker(fileURLToPath(import.meta.url), { workerData: name, resourceLimits: limits });
}

async function allocateForEver() {
  start(LINE);
  for (let kept = []; ; kept = allocate()) {
    kept.length = 0;
    takeSnapshot();
    await setImmediate();
  }
}

// Runs in turns of the event loop: in one loop, optimized by Node 24 or 26, V8 may never check
// whether the thread is to end, tracing or not.
async function exhaust() {
  start({ sampleInterval: 4096 });
  tracemalloc.reportNearHeapLimit();
  for (const kept = []; ; await setImmediate()) {
    for (let i = 0; i < 100; i++) kept.push(new Array(1000).fill({}));
  }
}

// Sends buffers until it is terminated.
async function send() {
  start({ sampleInterval: 1 });
  parentPort.on('message', () => {});
  for (;;) {
    for (let i = 0; i < 20; i++) {
      const buffer = new ArrayBuffer(10_000);
      parentPort.postMessage(buffer, [buffer]);
    }
    await setImmediate();
  }
}

// The first sampled frames request an interrupt of V8. It comes when the builtin has returned; if
// the thread is terminated before, it never comes.
function parse() {
  const text = JSON.stringify(Array.from({ length: 500_000 }, (_, i) => ({ i })));
  start({ sampleInterval: 65_536 }); // few samples, so no frame is compared before
  parentPort.postMessage('now');
  JSON.parse(text);
}

const THREADS = { allocateForEver, parse, exhaust, send, cycles: () => cycles(LINE, 6) };

export const PROGRAMS = {
  line: () => cycles(LINE),
  function: () => cycles(FUNCTION, 6), // slow: V8 sums up its samples
  heap: () => cycles(HEAP),
  buffers: () => cycles(BUFFERS),

  exits() {
    start(LINE);
    globalThis.kept = allocate();
    takeSnapshot();
    process.exit(0);
  },

  ends() {
    start(FUNCTION);
    globalThis.kept = allocate();
  },

  async exitsAmongThreads() {
    start(LINE);
    const threads = [thread('allocateForEver'), thread('send')];
    await Promise.all(threads.map((other) => once(other, 'online')));
    globalThis.kept = allocate();
    await setTimeout(300);
    process.exit(0);
  },

  async threadsEnd() {
    for (let i = 0; i < 3; i++) await once(thread('cycles'), 'exit');
  },

  async threadsAreTerminated() {
    for (const delay of [0, 50, 200, 300, 400]) {
      const other = thread('allocateForEver');
      await once(other, 'online');
      await setTimeout(delay);
      await other.terminate();
    }
  },

  async threadsAreTerminatedInBuiltins() {
    for (const delay of [5, 10, 20, 40]) {
      const other = thread('parse');
      await once(other, 'message');
      await setTimeout(delay);
      await other.terminate();
    }
  },

  async threadsExhaustTheirHeap() {
    const limits = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 };
    const [error] = await once(thread('exhaust', limits), 'error');
    assert.equal(error.code, 'ERR_WORKER_OUT_OF_MEMORY');
  },

  // The buffers' memory is freed by V8's threads and by other isolates.
  async buffersOutliveTracing() {
    let kept = [];
    start({ sampleInterval: 1 });
    const other = thread('send');
    other.on('message', (buffer) => kept.push(buffer));
    for (let round = 0; round < 5; round++) {
      await once(other, 'message');
      for (let i = 0; i < 50; i++) kept.push(new ArrayBuffer(10_000), new SharedArrayBuffer(1000));
      for (let i = 0; i < 10; i++) {
        const buffer = new ArrayBuffer(10_000);
        other.postMessage(buffer, [buffer]);
      }
      stop();
      kept = kept.slice(-20);
      globalThis.gc();
      await setTimeout(20);
      start({ sampleInterval: 1 });
    }
    await other.terminate();
    stop();
    kept.length = 0;
    globalThis.gc();
    await setTimeout(20);
  },

  async accounts() {
    start(LINE);
    for (let i = 0; i < 500; i++) tracemalloc.track('cache', i % 50, i);
    for (let i = 0; i < 25; i++) tracemalloc.untrack('cache', i);
    tracemalloc.getMemoryLedger();
    takeSnapshot({ ledger: true });
    tracemalloc.reportNearHeapLimit();
    tracemalloc.reportNearHeapLimit({ top: 3 });
    const other = thread('allocateForEver');
    await once(other, 'online');
    await tracemalloc.takeProcessSnapshot({ timeout: 50 });
    await other.terminate();
    tracemalloc.getMemoryLedger();
  },

  // DevTools uses the sampler, takes it from us, or stops it.
  async inspectors() {
    const session = new Session();
    session.connect();
    for (let i = 0; i < 3; i++) {
      await session.post('HeapProfiler.startSampling', { samplingInterval: 512 });
      assert.throws(() => start(LINE), { code: 'ERR_SAMPLER_IN_USE' });
      await session.post('HeapProfiler.stopSampling');
      for (const options of [LINE, FUNCTION]) {
        start(options);
        const kept = allocate();
        await session.post('HeapProfiler.startSampling', { samplingInterval: 512 });
        await session.post('HeapProfiler.stopSampling');
        kept.push(allocate());
        globalThis.gc();
        takeSnapshot();
        stop();
      }
    }
    session.disconnect();
  },
};

if (!isMainThread) await THREADS[workerData]();
else if (process.argv[1] === fileURLToPath(import.meta.url)) await PROGRAMS[process.argv[2]]();

// SPDX-License-Identifier: MIT
// Things that other code does in a traced process: collections, debuggers, profilers, threads.
import { once } from 'node:events';
import { Session } from 'node:inspector/promises';
import { setTimeout } from 'node:timers/promises';
import { getHeapSnapshot, getHeapStatistics } from 'node:v8';
import { isMainThread, Worker } from 'node:worker_threads';
import { ALLOCATIONS } from './allocations.mjs';

const PROGRAM = new URL('./program.mjs', import.meta.url);
const MOST_WORKERS = 3;

function collect({ random }) {
  globalThis.gc?.(
    random.pick([undefined, { type: 'minor' }, { type: 'major', execution: 'sync' }]),
  );
}

async function heapSnapshot({ random }) {
  // Skipped for large heaps, as a snapshot grows with the heap. Some streams are abandoned midway.
  if (getHeapStatistics().used_heap_size > 60e6) return;
  const stream = getHeapSnapshot();
  if (random.chance(0.3)) stream.destroy();
  else for await (const _ of stream);
}

// The state's own inspector session, opened when first needed.
async function inspected(state, method, parameters) {
  if (state.session === undefined) {
    state.session = new Session();
    state.session.connect();
  }
  try {
    return await state.session.post(method, parameters);
  } catch (error) {
    // A profiler that is not running can't be stopped; one that waits for another can't be started.
    if (error.code !== 'ERR_INSPECTOR_COMMAND') throw error;
    return undefined;
  }
}

const HEAP_PROFILER = [
  ['HeapProfiler.startSampling', { samplingInterval: 8192 }],
  ['HeapProfiler.startSampling', { samplingInterval: 64, includeObjectsCollectedByMajorGC: true }],
  ['HeapProfiler.stopSampling'],
  ['HeapProfiler.getSamplingProfile'],
  ['HeapProfiler.collectGarbage'],
  ['HeapProfiler.enable'],
  ['HeapProfiler.disable'],
];

const OTHER_DOMAINS = [
  ['Profiler.enable'],
  ['Profiler.start'],
  ['Profiler.stop'],
  ['Profiler.startPreciseCoverage', { callCount: true, detailed: true }],
  ['Profiler.stopPreciseCoverage'],
  ['Profiler.disable'],
  ['Debugger.enable'],
  ['Debugger.disable'],
  ['Runtime.evaluate', { expression: 'Array.from({ length: 100 }, () => ({}))' }],
];

// Stopped before the event loop turns: after that the inspector collects the whole heap every 50
// ms, and if that takes longer, nothing else ever runs, traced or not.
async function trackObjects(state) {
  await inspected(state, 'HeapProfiler.startTrackingHeapObjects', { trackAllocations: true });
  await state.random.pick(Object.values(ALLOCATIONS))(state.random);
  await inspected(state, 'HeapProfiler.stopTrackingHeapObjects', { reportProgress: false });
}

const profileHeap = (state) => inspected(state, ...state.random.pick(HEAP_PROFILER));
const inspect = (state) => inspected(state, ...state.random.pick(OTHER_DOMAINS));

function disconnect(state) {
  state.session?.disconnect();
  state.session = undefined;
}

function startWorker({ random, workers, seed, untraced }) {
  if (!isMainThread || workers.size >= MOST_WORKERS) return;
  const worker = new Worker(PROGRAM, {
    argv: [
      ...['--seed', String(seed + random.int(1e6)), '--steps', String(random.magnitude(60))],
      ...(untraced ? ['--untraced'] : []),
    ],
    resourceLimits: random.chance(0.1) ? { maxOldGenerationSizeMb: 24 } : {},
  });
  workers.add(worker);
  worker.on('error', (error) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return;
    // Not thrown here: the error's own stack shows where in the worker it was.
    console.error(error);
    process.exit(1);
  });
  worker.on('exit', () => workers.delete(worker));
}

async function endWorker({ random, workers }) {
  const [worker] = workers;
  if (worker === undefined) return;
  if (random.chance(0.3)) await setTimeout(random.int(30));
  if (random.chance(0.7)) await worker.terminate();
  else if (workers.has(worker)) await once(worker, 'exit');
}

export const DISTURBANCES = [
  [5, collect],
  [0.5, heapSnapshot],
  [3, profileHeap],
  [0.5, trackObjects],
  [3, inspect],
  [1, disconnect],
  [2, startWorker],
  [2, endWorker],
];

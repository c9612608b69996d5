// SPDX-License-Identifier: MIT
// The steps of sequences: rows of a weight and an action. An action throws if the result is wrong.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import * as tracemalloc from '../../dist/index.js';
import { ALLOCATIONS } from './allocations.mjs';
import { allowing, checkDifference, checkSnapshot, checkStatus } from './check.mjs';
import { DISTURBANCES } from './disturbances.mjs';

const KEPT = 150;
const MAKERS = Object.values(ALLOCATIONS);

async function allocate({ random, kept }) {
  for (let i = random.magnitude(20); i > 0; i--) {
    const made = await random.pick(MAKERS)(random);
    if (random.chance(0.5)) kept.push(made);
  }
  while (kept.length > KEPT) kept.splice(random.int(kept.length), 1);
}

function drop({ random, kept }) {
  kept.splice(0, random.int(kept.length + 1));
}

function start({ random, untraced }) {
  const options = {
    sampleInterval: random.pick([1, 16, 256, 4096, 65_536, 524_288]),
    tracebackLimit: random.pick([1, 2, 16, 128]),
    domains: random.pick([['heap', 'buffer'], ['heap', 'buffer'], ['heap'], ['buffer']]),
    precision: random.pick(['auto', 'auto', 'auto', 'function']),
    sourceMaps: random.chance(0.9),
  };
  if (!untraced) allowing(['ERR_SAMPLER_IN_USE'], () => tracemalloc.start(options));
}

function snapshot({ random, snapshots }) {
  const options = { survivors: random.chance(0.2), ledger: random.chance(0.1) };
  const taken = allowing(['ERR_NOT_TRACING', 'ERR_UNSUPPORTED_PRECISION'], () =>
    tracemalloc.takeSnapshot(options),
  );
  assert(taken === undefined || tracemalloc.isTracing());
  if (taken === undefined) return;
  if (random.chance(0.7)) checkSnapshot(taken, random);
  // Snapshots may be read later, after other actions.
  snapshots.push(taken);
  if (snapshots.length > 5) snapshots.shift();
}

function compare({ random, snapshots }) {
  if (snapshots.length < 2) return;
  checkDifference(random.pick(snapshots), random.pick(snapshots), random);
}

async function dump({ random, snapshots }) {
  if (snapshots.length === 0) return;
  const path = join(tmpdir(), `tracemalloc-torture-${process.pid}-${threadId}.pb.gz`);
  const dumped = random.pick(snapshots);
  try {
    await dumped.dump(path);
    const loaded = await tracemalloc.Snapshot.load(path);
    assert.deepEqual(loaded.statistics('traceback'), dumped.statistics('traceback'));
  } finally {
    rmSync(path, { force: true });
  }
}

function whose({ random, kept }) {
  const object = random.pick(kept);
  if (typeof object !== 'object' || object === null) return;
  const traceback = tracemalloc.getObjectTraceback(object);
  if (traceback !== undefined) assert(traceback.frames.length > 0);
}

function account({ random, kept }) {
  const key = random.chance(0.5) ? random.int(20) : (random.pick(kept) ?? 'none');
  if (random.chance(0.6)) {
    assert.equal(tracemalloc.track('cache', key, random.int(1e6)), tracemalloc.isTracing());
  } else tracemalloc.untrack('cache', key);
}

async function watch({ random }) {
  const changes = allowing(['ERR_NOT_TRACING'], () => tracemalloc.watch({ every: 10 }));
  if (changes === undefined) return;
  if (random.chance(0.5)) await Promise.race([changes.next(), setTimeout(50)]);
  await changes.return();
}

function report({ random, reporters }) {
  if (reporters.length > 0 && random.chance(0.5)) {
    reporters.pop().stop();
    return;
  }
  const logger = (made) => assert(made.sites.length <= 10);
  const reporter = allowing(['ERR_NOT_TRACING'], () =>
    tracemalloc.createReporter({ every: '20ms', logger }),
  );
  if (reporter !== undefined) reporters.push(reporter);
}

async function allThreads({ random }) {
  if (!tracemalloc.isTracing()) return;
  if (random.chance(0.5)) tracemalloc.shareSnapshots();
  try {
    const { snapshot } = await tracemalloc.takeProcessSnapshot({ timeout: 50 });
    checkSnapshot(snapshot, random);
  } catch (error) {
    if (error.code !== 'ERR_NOT_TRACING') throw error;
  }
}

function ledger() {
  const { rss, rows } = tracemalloc.getMemoryLedger();
  assert(rss > 0 && rows.length > 0);
}

const CALLS = [
  [30, allocate],
  [5, drop],
  [10, start],
  [3, () => tracemalloc.stop()],
  [4, () => tracemalloc.clearTraces()],
  [14, snapshot],
  [4, compare],
  [2, dump],
  [5, whose],
  [4, account],
  [2, () => tracemalloc.resetPeak()],
  [2, watch],
  [2, report],
  [2, allThreads],
  [1, ledger],
  [3, () => setImmediate()],
  [1, () => setTimeout(2)],
];

const ACTIONS = [...CALLS, ...DISTURBANCES];

/** Takes one step of the sequence; `announce` is called with the action before it runs. */
export async function step(state, announce) {
  const action = state.random.weighted(ACTIONS);
  announce(action);
  await action(state);
  if (state.random.chance(0.3)) checkStatus(tracemalloc);
}

// SPDX-License-Identifier: MIT
// The decoder of wire batches, fed with damaged ones whose length and checksum are right. Either it
// takes the whole batch, and then all ids are known and all figures are numbers, or it leaves its
// mirror unchanged.
import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { TracemallocError } from '../../build/modules/errors.js';
import { runThrough } from '../../build/modules/host/steps.js';
import { murmurHash } from '../../build/modules/mirror/murmur-hash.js';
import { Mirror } from '../../build/modules/mirror/wire.js';
import { addon } from '../../test/support/addon.mjs';
import { mutateBytes } from './mutate.mjs';

const OPTIONS = {
  ...{ sampleInterval: 64, isSelfTuning: false, tracebackLimit: 8, precision: 'auto', threadId: 0 },
  ...{ tracingFlags: '', usualFlags: '', placeLiterals: () => [] },
};

/** Creates that many sites, whose objects die, and collects garbage. */
function compile(count) {
  for (let i = 0; i < count; i++) new Function(`return [{ i: ${i} }, 'x'.repeat(${i})]`)();
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

/** Two batches of the addon, the second of which adds to the first, and removes from it. */
function realBatches() {
  addon.start({ ...OPTIONS, heap: true, buffer: true });
  const kept = Array.from({ length: 50 }, (_, i) => [{ i }, Buffer.alloc(200)]);
  compile(1000);
  const first = addon.takeBatch(0);
  const mirror = new Mirror();
  mirror.apply(first);
  const other = () => new Map(kept.map(([key], i) => [key, `${i}`.repeat(9)]));
  const more = [other(), other()];
  compile(5000);
  const second = addon.takeBatch(mirror.sequence);
  addon.stop();
  assert(more.length === 2 && new Uint32Array(second, 68, 1)[0] > 0, 'sites are gone');
  return [new Uint8Array(first), new Uint8Array(second)];
}

function seal(bytes) {
  if (bytes.length < 12) return;
  const view = new DataView(bytes.buffer);
  view.setUint32(4, bytes.length, true);
  view.setUint32(8, runThrough(murmurHash(bytes.buffer, 12)), true);
}

function checkMirror({ sites, counters, tracedCurrent, tracedPeak }) {
  assert(Number.isFinite(tracedCurrent) && Number.isFinite(tracedPeak));
  for (const site of sites) for (const frame of site.frames) assert(typeof frame.line === 'number');
  assert(counters.length === sites.length);
  for (const [id, row] of Object.entries(counters)) {
    assert(Number(id) < sites.length);
    const { liveSize, liveCount, liveVariance } = row;
    assert([liveSize, liveCount, liveVariance].every(Number.isFinite));
    for (const figure of [row.allocatedSize, row.allocatedCount])
      assert(Number.isFinite(figure) || Number.isNaN(figure), `a figure of ${figure}`);
  }
}

function stateOf({ sequence, sites, counters, tracedCurrent, tracedPeak }) {
  return structuredClone({ sequence, sites, counters, tracedCurrent, tracedPeak });
}

export function prepare() {
  const [first, second] = realBatches();
  const copy = (bytes) => Uint8Array.from(bytes).buffer;
  return (random) => {
    const mirror = new Mirror();
    const onTop = random.chance(0.5);
    if (onTop) mirror.apply(copy(first));
    const before = stateOf(mirror);
    const damaged = mutateBytes(random, onTop ? second : first);
    if (random.chance(0.95)) seal(damaged);
    try {
      mirror.apply(damaged.buffer);
      checkMirror(mirror);
    } catch (error) {
      if (!(error instanceof TracemallocError)) throw error;
      assert.equal(error.code, 'ERR_CORRUPT_BATCH');
      assert.deepEqual({ ...stateOf(mirror), sequence: 0 }, { ...before, sequence: 0 });
      mirror.apply(copy(first));
      assert(mirror.sites.length > 0);
    }
  };
}

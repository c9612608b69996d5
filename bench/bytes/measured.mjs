// SPDX-License-Identifier: MIT
// Kinds of objects, one after the other: their bytes by V8's own figure of the heap, beside ours.
//
//   node --expose-gc --no-flush-bytecode bench/bytes/measured.mjs INTERVAL BYTES [KIND...]
//
// makes as many of each kind as BYTES need, in rounds, and prints a line of JSON per kind. Without
// the second flag V8 gives back old functions' code meanwhile, which says nothing of the objects.
import * as tracemalloc from '../../dist/index.js';
import { kinds } from './kinds.mjs';

const FIRST_UNITS = 2000;
const ROUND_BYTES = 4e6;

const [interval, wanted, ...names] = process.argv.slice(2);

// Until nothing goes any more: finalizers and the end of V8's sweeping come in later turns.
async function heapUsed() {
  let used = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 10; turn++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
    const now = process.memoryUsage().heapUsed;
    if (turn > 1 && Math.abs(used - now) < 2000) break;
    used = now;
  }
  return process.memoryUsage().heapUsed;
}

async function round(make, kept) {
  const before = await heapUsed();
  const { current } = tracemalloc.getTracedMemory();
  for (let i = 0; i < kept.length; i++) kept[i] = make(i);
  const truth = (await heapUsed()) - before;
  return { units: kept.length, truth, estimate: tracemalloc.getTracedMemory().current - current };
}

async function measure(kind) {
  const make = kinds[kind];
  const most = make.units ?? 60_000;
  // Shapes, feedback and code are made first.
  globalThis.kept = new Array(Math.min(FIRST_UNITS, most)).fill(null);
  const first = await round(make, kept);
  const unit = Math.max(first.truth / first.units, 16);
  const units = Math.ceil(Math.min(most, ROUND_BYTES / unit, Number(wanted) / unit));
  const sum = { units: 0, truth: 0, estimate: 0 };
  for (let n = 0; n < Math.ceil(Number(wanted) / unit / most); n++) {
    globalThis.kept = new Array(units).fill(null);
    const result = await round(make, kept);
    for (const key of Object.keys(sum)) sum[key] += result[key];
    if (sum.truth >= Number(wanted) || n === 20) break;
  }
  globalThis.kept = undefined;
  return { kind, ...sum, interval: Number(interval) };
}

tracemalloc.start({ sampleInterval: Number(interval), tracebackLimit: 1, domains: ['heap'] });
for (const kind of names.length > 0 ? names : Object.keys(kinds)) {
  console.log(JSON.stringify(await measure(kind)));
}

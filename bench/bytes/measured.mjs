// SPDX-License-Identifier: MIT
// Measures kinds of objects, one after the other: their bytes by V8's own figure of the heap,
// beside ours.
//
//   node --expose-gc --no-flush-bytecode --no-compilation-cache bench/bytes/measured.mjs INTERVAL BYTES [KIND...]
//
// makes as many of each kind as BYTES need, in rounds, and prints a line of JSON per kind. Without
// the other flags V8 frees old functions' code meanwhile, which is unrelated to the objects.
import { setImmediate, setTimeout } from 'node:timers/promises';
import * as tracemalloc from '../../dist/index.js';
import { kinds } from './kinds.mjs';

const FIRST_UNITS = 2000;
const ROUND_BYTES = 4e6;
const LEAST_ROUND_BYTES = 250_000; // if a round makes less, the kind gets fewer objects
const ENOUGH = 0.9; // share of the wanted bytes: another round would add more noise than objects

const [interval, wanted] = process.argv.slice(2, 4).map(Number);
const names = process.argv.slice(4);

// Objects held by finalizers are freed by the second collection. V8's figure is too high until its
// threads have swept the heap.
async function read() {
  for (let n = 0; n < 2; n++) {
    gc();
    await setImmediate();
  }
  let heapUsed = Number.POSITIVE_INFINITY;
  for (let same = 0; same < 2; ) {
    await setTimeout(2);
    const now = process.memoryUsage().heapUsed;
    same = now < heapUsed - 500 ? 0 : same + 1;
    heapUsed = Math.min(heapUsed, now);
  }
  return { heapUsed, traced: tracemalloc.getTracedMemory().current };
}

async function round(make, kept) {
  const before = await read();
  for (let i = 0; i < kept.length; i++) kept[i] = make(i);
  const after = await read();
  const truth = after.heapUsed - before.heapUsed;
  return { units: kept.length, truth, estimate: after.traced - before.traced };
}

const mostOf = (kind) => kinds[kind].units ?? 60_000;
const fewOf = (kind) => Math.min(FIRST_UNITS, mostOf(kind));

const sum = (rounds, key) => rounds.reduce((total, each) => total + each[key], 0);

// V8's figure of a round is sometimes off by 40 KB, because of code that V8 compiles meanwhile:
// more than a round of a kind of which few are made. The rounds of such a kind are alike, so the
// median is used.
function truthOf(rounds) {
  const alike = rounds.length > 2 && rounds.every(({ units }) => units === rounds[0].units);
  if (!alike) return sum(rounds, 'truth');
  const sorted = rounds.map(({ truth }) => truth).sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2) * rounds.length;
}

async function measure(kind) {
  const make = kinds[kind];
  const most = mostOf(kind);
  for (let i = 0; i < fewOf(kind); i++) make(i); // shapes, feedback and code
  const rounds = [];
  const truth = () => sum(rounds, 'truth');
  for (let n = 0; n < wanted / LEAST_ROUND_BYTES && truth() < ENOUGH * wanted; n++) {
    const unit = Math.max(truth() / sum(rounds, 'units') || 0, 16);
    const missing = Math.min(ROUND_BYTES, wanted - truth()) / unit;
    const units = n === 0 ? fewOf(kind) : Math.ceil(Math.min(most, missing));
    globalThis.kept = new Array(units).fill(null);
    rounds.push(await round(make, kept));
  }
  globalThis.kept = undefined;
  const [units, estimate] = [sum(rounds, 'units'), sum(rounds, 'estimate')];
  return { kind, units, truth: truthOf(rounds), estimate, interval };
}

// The first rounds compile and load the measuring code.
async function warmUp() {
  for (let steady = 0, n = 0; steady < 5 && n < 30; n++) {
    const { truth } = await round(() => null, new Array(FIRST_UNITS).fill(null));
    steady = Math.abs(truth) < 1000 ? steady + 1 : 0;
  }
}

tracemalloc.start({ sampleInterval: interval, tracebackLimit: 1, domains: ['heap'] });
await warmUp();
const chosen = names.length > 0 ? names : Object.keys(kinds);
for (const kind of chosen) {
  console.log(JSON.stringify(await measure(kind)));
}

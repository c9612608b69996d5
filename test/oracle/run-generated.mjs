// SPDX-License-Identifier: MIT
// Runs one generated program in this process, traced by the built package, and judges the positions
// of the objects that it keeps: cold, then hot, or hot before tracing starts. Prints one JSON line.
//
//   node --expose-gc [flags] test/oracle/run-generated.mjs <seed> <turns> [only kinds with this text]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tracemalloc from '../../dist/index.js';
import { generate } from './generate/program.mjs';
import { Judge, LATE } from './judge.mjs';

const [seed, turns, only] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const program = generate(Number(seed), only || undefined);
const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-oracle-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
for (const [name, text] of Object.entries(program.files))
  writeFileSync(join(directory, name), text);

/** Objects with their tags, in arrays that do not grow: keeping allocates nothing. */
class Kept {
  constructor(limit) {
    this.objects = new Array(limit).fill(null);
    this.tags = new Int32Array(limit);
    this.callers = new Int32Array(limit);
    this.count = 0;
  }

  add(object, tag, from) {
    if (this.count === this.objects.length) return;
    this.objects[this.count] = object;
    this.tags[this.count] = tag;
    this.callers[this.count] = from;
    this.count++;
  }

  clear() {
    this.objects.fill(null);
    this.count = 0;
  }
}

const WINDOW = 2000;
const kept = new Kept(2 * WINDOW);
const tagged = new Kept(10 * WINDOW);
const sites = new Int32Array(10 * WINDOW);
let isOpen = true;
/** Keeps an object while the window is open; `tag` and `from` are for objects that carry neither. */
function keep(object, tag, from) {
  if (isOpen) kept.add(object, tag | 0, from | 0);
  return object;
}

const INTERVALS = [1, 1, 64, 512];
const sampleInterval = INTERVALS[Number(seed) % INTERVALS.length];
// One program in eight is hot when tracing starts.
const isLate = Number(seed) % 8 === 5;
const judge = new Judge(program);
let addon;

function start() {
  tracemalloc.start({ sampleInterval, tracebackLimit: 32, domains: ['heap'] });
  const { precision, reason } = tracemalloc.status();
  if (precision !== 'line') throw new Error(`no lines: ${reason}`);
  // The addon itself finds an object's site without allocations that would be traced in turn; the
  // traceback comes from the package, once for each site.
  addon = Object.values(require.cache).find(({ id }) => id.endsWith('.node')).exports;
}

if (!isLate) start();

globalThis.keep = keep;
const helpers = require(join(directory, 'helpers.cjs'));
globalThis.h = helpers;
const typed = program.files['typed.cjs'] && require(join(directory, 'typed.cjs'));
const { turn, tail, rows } = require(join(directory, 'main.cjs'))(keep, helpers, typed);

/** Judges the kept objects, and drops them. */
function judgeKept(phase) {
  const found = (object, tag, from) => tagged.add(object, tag, from);
  for (let i = 0; i < kept.count; i++) {
    judge.collect(kept.objects[i], kept.tags[i], kept.callers[i], found);
  }
  globalThis.gc();
  tracemalloc.takeSnapshot(); // sites have ids for JavaScript after a batch
  let known = 0;
  for (let i = 0; i < tagged.count; i++) {
    sites[i] = addon.findSite(tagged.objects[i]);
    if (sites[i] >= 0) known++;
  }
  // With nothing to judge, nothing would be wrong.
  if (sampleInterval === 1 && known < tagged.count / 3) {
    throw new Error(`of ${tagged.count} objects only ${known} are known to tracemalloc`);
  }
  const told = new Map([[-1, undefined]]);
  for (let i = 0; i < tagged.count; i++) {
    if (!told.has(sites[i])) {
      told.set(sites[i], tracemalloc.getObjectTraceback(tagged.objects[i]));
    }
    judge.judge(phase, tagged.tags[i], tagged.callers[i], told.get(sites[i]));
  }
  kept.clear();
  tagged.clear();
  tracemalloc.clearTraces();
}

async function run(from, to, phase, stride) {
  for (let i = from; i < to; i++) {
    isOpen = i % stride === 0 || i % 200 === 7;
    turn(i);
    if (i % 16 === 0) await tail(i);
    if (kept.count > WINDOW) judgeKept(phase);
  }
  judgeKept(phase);
}

/** Judges the functions of primitives, by the rows of a snapshot. */
function judgeRows(phase, { before, times }) {
  for (const row of program.rows) {
    const make = rows[row.name];
    const values = new Array(times).fill(null);
    for (let i = 0; i < before; i++) values[i % times] = make(i);
    tracemalloc.clearTraces();
    for (let i = 0; i < times; i++) values[i] = make(i);
    judge.judgeRows(phase, row, tracemalloc.takeSnapshot().traces);
    tracemalloc.clearTraces();
  }
}

const total = Number(turns);
const quarter = Math.floor(total / 4);
if (isLate) {
  for (let i = 0; i < total; i++) {
    isOpen = false;
    turn(i);
    if (i % 16 === 0) await tail(i);
    for (const { name } of program.rows) rows[name](i);
  }
  start();
  await run(total, total + quarter, LATE, 7);
  judgeRows(LATE, { before: 0, times: 200 });
} else {
  await run(0, 4, 'cold', 1);
  judgeRows('cold', { before: 1, times: 40 });
  await run(4, quarter, 'warm', 23);
  await run(quarter, total, 'hot', 17);
  judgeRows('hot', { before: 4000, times: 200 });
}
tracemalloc.stop();
console.log(JSON.stringify({ seed: Number(seed), sampleInterval, ...judge.result() }));

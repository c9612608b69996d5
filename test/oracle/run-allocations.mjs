// SPDX-License-Identifier: MIT
// Judges the allocation hook by objects that carry the line that created them, and the line that
// called its function: each live sample's object must agree with the positions that the sample is
// attributed to. Prints one line of JSON.
//
//   node --expose-gc [flags] test/oracle/run-allocations.mjs <probe addon> <seed> <turns> [later]
//
// `later`: V8 flags that are set after the walker has passed its self-test.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import v8 from 'node:v8';
import { generateRows } from './generate/rows.mjs';

const [addon, seed, turns, later] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const probe = require(addon);

const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-oracle-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const file = join(directory, `allocations-${seed}.cjs`);
writeFileSync(file, generateRows(Number(seed)));

const LIMIT = 200_000;
const kept = new Array(LIMIT).fill(null);
let count = 0;
const keep = (object) => {
  if (count < LIMIT) kept[count++] = object;
};

const SAMPLE_INTERVAL = 64;
const { placeLiterals } = require(join(import.meta.dirname, '../../dist/literals/place.js'));
const reason = probe.trace(SAMPLE_INTERVAL, placeLiterals);
if (reason !== '') throw new Error(`no allocation hook: ${reason}`);
// As the product does, since blocks of several objects are attributed to one line.
v8.setFlagsFromString('--no-turbo-allocation-folding');
if (Number(process.versions.node.split('.')[0]) >= 24) {
  v8.setFlagsFromString('--maglev-allocation-folding=0');
  v8.setFlagsFromString('--no-maglev-loop-peeling');
}
if (later) v8.setFlagsFromString(later);
const turn = require(file)(keep);
for (let i = 0; i < Number(turns); i++) turn();
kept.length = count;
globalThis.gc();
const samples = probe.traced(kept);

/** The lines that a kept object carries: its own, and that of its function's caller. */
function linesOf(object) {
  if (Array.isArray(object)) return object;
  return typeof object === 'function' ? object() : [object.line, object.from];
}

const totals = { judged: 0, right: 0, callersRight: 0, approximate: 0, approximateRight: 0 };
const differences = new Map();
for (let i = 0; i < samples.length; i += 6) {
  const [index, filename, line, callerLine, flags] = samples.slice(i, i + 5);
  const [trueLine, trueCaller] = linesOf(kept[index]);
  const isRight = filename === file && trueLine === line;
  if (trueCaller === callerLine) totals.callersRight++;
  else differences.set(`caller ${trueCaller}, told ${callerLine}`, line);
  if (flags & 1) {
    totals.approximate++;
    if (isRight) totals.approximateRight++;
  }
  totals.judged++;
  if (isRight) totals.right++;
  else {
    const text = `line ${trueLine}, told ${filename === file ? '' : `${filename}:`}${line}${flags & 1 ? ' (approximate)' : ''}`;
    differences.set(text, (differences.get(text) ?? 0) + 1);
  }
}
console.log(
  JSON.stringify({
    seed: Number(seed),
    kept: count,
    ...totals,
    differences: [...differences].sort((a, b) => b[1] - a[1]).slice(0, 8),
  }),
);

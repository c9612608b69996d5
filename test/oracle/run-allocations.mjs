// SPDX-License-Identifier: MIT
// Judges the allocation hook by objects that carry the line that made them, and the line that
// called the function that made them: each live sample's object must agree with the places that the
// sample is charged to. Prints one line of JSON.
//
//   node --expose-gc [flags] test/oracle/run-allocations.mjs <probe addon> <seed> <turns> [later]
//
// `later`: V8 flags that are set once the walker has passed its self-test.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import v8 from 'node:v8';
import { randomFrom } from './generate-program.mjs';

const [addon, seed, turns, later] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const probe = require(addon);

const FUNCTIONS = 12;
const random = randomFrom(Number(seed));
const pick = (list) => list[Math.floor(random() * list.length)];

/** Functions that make objects, and call functions made before them. `from`: the caller's line. */
function generate() {
  const lines = [
    'module.exports = (keep) => {',
    'class Row { constructor(line, from) { this.line = line; this.from = from; this.seen = 0; } }',
  ];
  const here = () => lines.length + 1;
  const functions = [];
  const object = () =>
    pick([
      `{ line: ${here()}, from, a: 1 }`,
      `{ line: ${here()}, from }`,
      `{ a: 0, b: from, from, line: ${here()} }`,
      `{ line: ${here()}, from, half: from * 0.5, list: [from, { from }] }`,
      `[${here()}, from]`,
      `new Row(${here()}, from)`,
      `() => [${here()}, from]`,
    ]);
  const call = () => (functions.length === 0 ? '0' : pick(functions)(here()));
  const statement = () =>
    pick([
      () => `keep(${object()});`,
      () => `const o${here()} = ${object()}; keep(o${here()});`,
      () => `if (from & 1) keep(${object()}); else ${call()};`,
      () => `for (let i = 0; i < 2; i++) keep(${object()});`,
      () => `sum += { line: ${here()}, from }.line;`, // garbage
      () => `try { keep(${object()}); } finally { sum++; }`,
      () => `${call()};`,
      () => `sum += ${call()};`,
    ])();
  for (let i = 0; i < FUNCTIONS; i++) {
    const name = `f${i}`;
    const [head, tail, use] = pick([
      [`function ${name}(from) {`, '}', (line) => `${name}(${line})`],
      [`const ${name} = (from) => {`, '};', (line) => `${name}(${line})`],
      [`class ${name} { static make(from) {`, '} }', (line) => `${name}.make(${line})`],
      [`const ${name} = { make(from) {`, '} };', (line) => `${name}.make(${line})`],
    ]);
    lines.push(head, '  let sum = 0;');
    for (let n = 2 + Math.floor(random() * 4); n > 0; n--) lines.push(`  ${statement()}`);
    lines.push('  return sum;', tail);
    functions.push(use);
  }
  lines.push('return () => {');
  for (let i = 0; i < 6; i++) lines.push(`  ${call()};`);
  lines.push('};', '};');
  return lines.join('\n');
}

const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-oracle-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const file = join(directory, `allocations-${seed}.cjs`);
writeFileSync(file, generate());

const LIMIT = 200_000;
const kept = new Array(LIMIT).fill(null);
let count = 0;
const keep = (object) => {
  if (count < LIMIT) kept[count++] = object;
};

const SAMPLE_INTERVAL = 64;
const reason = probe.trace(SAMPLE_INTERVAL);
if (reason !== '') throw new Error(`no allocation hook: ${reason}`);
// As the product does: blocks of several objects are charged to one line.
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

/** What a kept object says of itself: its line, and the line of its maker's caller. */
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

// SPDX-License-Identifier: MIT
// Judges the tracer by objects that carry the line that made them, and the line that called the
// function that made them. Every allocation is sampled; what is kept must be found alive at just
// those lines. Prints one line of JSON.
//
//   node --expose-gc [flags] test/oracle/run-allocations.mjs <package> <seed> <turns>
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomFrom } from './generate-program.mjs';

const [packageUrl, seed, turns] = process.argv.slice(2);
const tracemalloc = await import(packageUrl);

const FUNCTIONS = 12;
const random = randomFrom(Number(seed));
const pick = (list) => list[Math.floor(random() * list.length)];

/** Functions that make objects, and call functions made before them. `from`: the caller's line. */
function generate() {
  const lines = ['module.exports = (keep) => {'];
  const here = () => lines.length + 1;
  const functions = [];
  const object = () =>
    pick([
      `{ line: ${here()}, from, a: 1 }`,
      `{ line: ${here()}, from }`,
      `{ a: 0, b: from, from, line: ${here()} }`,
    ]);
  const call = () => (functions.length === 0 ? '0' : pick(functions)(here()));
  const statement = () =>
    pick([
      () => `keep(${object()});`,
      () => `const o${here()} = ${object()}; keep(o${here()});`,
      () => `if (from & 1) keep(${object()}); else ${call()};`,
      () => `for (let i = 0; i < 2; i++) keep(${object()});`,
      () => `sum += ${object()}.line;`, // garbage
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

tracemalloc.start({ sampleInterval: 1, tracebackLimit: 2 });
const { precision, engine } = tracemalloc.status();
const turn = createRequire(import.meta.url)(file)(keep);
for (let i = 0; i < Number(turns); i++) turn();
globalThis.gc();
globalThis.gc();
const snapshot = tracemalloc.takeSnapshot();
tracemalloc.stop();

const expected = new Map();
for (let i = 0; i < count; i++) {
  const place = `${kept[i].from} > ${kept[i].line}`;
  expected.set(place, (expected.get(place) ?? 0) + 1);
}
const found = new Map();
let approximate = 0;
for (const trace of snapshot.traces) {
  const [caller, frame] = trace.traceback.frames;
  if (frame?.filename !== file) continue;
  const objects = trace.types
    .filter(({ type }) => type === 'Object')
    .reduce((total, share) => total + share.count, 0);
  if (objects === 0) continue;
  if (frame.approximate) approximate += objects;
  const place = `${caller.lineno} > ${frame.lineno}`;
  found.set(place, (found.get(place) ?? 0) + objects);
}

let right = 0;
const differences = [];
for (const place of new Set([...expected.keys(), ...found.keys()])) {
  const want = expected.get(place) ?? 0;
  const have = found.get(place) ?? 0;
  right += Math.min(want, have);
  if (want !== have) differences.push({ place, want, have });
}
differences.sort((a, b) => Math.abs(b.want - b.have) - Math.abs(a.want - a.have));
console.log(
  JSON.stringify({
    seed: Number(seed),
    precision,
    engine,
    judged: count,
    right,
    approximate,
    differences: differences.slice(0, 10),
  }),
);

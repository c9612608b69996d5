// SPDX-License-Identifier: MIT
// Programs of object literals, a class of three fields, arrays and closures, each on the line of
// its call: few constructs, with so many objects of each that rare cases occur.
import { randomFrom } from './source.mjs';

const FUNCTIONS = 12;
/** Functions that create objects, and call earlier functions. `from`: the caller's line. */
export function generateRows(seed) {
  const random = randomFrom(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
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

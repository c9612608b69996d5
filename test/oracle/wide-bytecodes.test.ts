// SPDX-License-Identifier: MIT
// Functions of many variables, such as the top level of a bundle: their bytecodes have wide
// operands and a prefix, and what is allocated by a builtin that they call has their line all the
// same.
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

const names = Array.from({ length: 300 }, (_, i) => `v${i}`);
const PROGRAM = `
(() => {
${names.map((name, i) => `const ${name} = { i: ${i} };`).join('\n')}
tracemalloc.start({ sampleInterval: 4096, domains: ['heap'] });
const kept = [];
let place;
for (let i = 0; i < 1000; i++) {
  kept.push(new Array(1000).fill(i)); if (i === 0) place = new Error('here').stack;
  kept.push({ i, values: [i, i] });
  kept.push(Array.from({ length: 100 }));
}
const frames = tracemalloc.takeSnapshot().traces.map((trace) => {
  const frame = trace.traceback.frames.findLast(({ filename }) => filename.includes('eval'));
  return { size: trace.size, line: frame?.lineno, approximate: frame?.approximate };
});
const sizeOf = (wanted) => frames.filter(wanted).reduce((sum, { size }) => sum + size, 0);
const here = Number(/:(\\d+):\\d+/.exec(place)[1]);
report({
  large: sizeOf(({ line }) => line === here) / 8.016e6,
  approximate: sizeOf(({ approximate }) => approximate) / sizeOf(() => true),
  used: [${names.join(', ')}].length,
});
})();
`;

test.each([
  ['default flags', []],
  ['Ignition', ['--no-opt', '--no-maglev', '--no-sparkplug']],
])('%s: every line is exact', async (_, args) => {
  const told = await evaluate<{ large: number; approximate: number }>(PROGRAM, { args });
  // 8 MB at 4 KiB: about 1,700 samples, whose sum has a standard error of at most 2.4 %.
  expect(told.large).toBeGreaterThan(0.9);
  expect(told.large).toBeLessThan(1.1);
  expect(told.approximate).toBeLessThan(0.01);
});

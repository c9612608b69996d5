// SPDX-License-Identifier: MIT
// A function with more variables than an operand of one byte can number. Its text is composed here;
// its work is below.
import vm from 'node:vm';
import * as tracemalloc from '../../dist/index.js';

const names = Array.from({ length: 300 }, (_, i) => `v${i}`);

function program(tracemalloc, used) {
  tracemalloc.start({ sampleInterval: 4096, domains: ['heap'] });
  const kept = [];
  let place;
  for (let i = 0; i < 1000; i++) {
    kept.push(new Array(1000).fill(i));
    place ??= new Error('one line further').stack;
    kept.push({ i, values: [i, i] });
    kept.push(Array.from({ length: 100 }));
  }
  const frames = tracemalloc.takeSnapshot().traces.map((trace) => {
    const frame = trace.traceback.frames.findLast(({ filename }) => filename === 'wide.js');
    return { size: trace.size, line: frame?.lineno, approximate: frame?.approximate };
  });
  const sizeOf = (wanted) => frames.filter(wanted).reduce((sum, { size }) => sum + size, 0);
  const here = Number(/wide\.js:(\d+):\d+/.exec(place)[1]) - 1;
  return {
    large: sizeOf(({ line }) => line === here) / 8.016e6,
    approximate: sizeOf(({ approximate }) => approximate) / sizeOf(() => true),
    used: used(),
  };
}

export function wideFunction() {
  const declared = names.map((name, i) => `const ${name} = { i: ${i} };`).join('\n');
  const text = String(program)
    .replace('{', `{\n${declared}\n`)
    .replace('used()', `[${names.join()}].length`);
  return vm.runInThisContext(`(${text})`, { filename: 'wide.js' })(tracemalloc);
}

// SPDX-License-Identifier: MIT
// Runs code in separate contexts and from strings; uses proxies, generators, regular expressions.
import vm from 'node:vm';
import { keep } from './keep.mjs';

let sum = 0;
for (let i = 0; i < 100; i++) {
  const context = vm.createContext({ i });
  sum += vm.runInContext(
    'var all = []; for (var k = 0; k < 1000; k++) all.push({ k: k * i, text: "t" + k }); all.length',
    context,
  );
}
const proxy = new Proxy({}, { get: (_target, name) => [name, name] });
function* rows() {
  for (let i = 0; i < 10_000; i++) yield { i, seen: proxy[`p${i}`] };
}
for (const { i, seen } of rows()) sum += i + seen.length;
sum += 'a1b22c333'.repeat(10_000).match(/\d+/g).length;
try {
  vm.runInNewContext('throw new Error("from inside")', {}, { filename: 'inside.js' });
} catch (error) {
  console.log(error.stack.split('\n').slice(0, 2).join());
}
console.log(sum, keep());

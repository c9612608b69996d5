// SPDX-License-Identifier: MIT
// The cost of the buffer domain: additional nanoseconds of an allocation and its release compared
// with untracked ones, not sampled and sampled (the minimum of many rounds); and the time of a
// tight loop that only allocates buffers, as a ratio of medians. Tracked and untracked alternate in
// one process.
//
//   node scripts/build-native.mjs --probe && node bench/buffers.mjs
import { createRequire } from 'node:module';
import { start, status, stop } from '../dist/index.js';

const abi = process.versions.modules;
const probe = createRequire(import.meta.url)(
  `../build/abi${abi}/build/Release/tracemalloc_probe.node`,
);
const ROUNDS = 51;
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
const least = (numbers) => Math.min(...numbers);

function compare(measure, options) {
  const [plain, tracked] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    plain.push(measure());
    start({ ...options, domains: ['buffer'] });
    tracked.push(measure());
    stop();
  }
  return [plain, tracked];
}

console.log(`Node ${process.version}`);
for (const [name, sampleInterval] of [
  ['not sampled', 0x7fffffff],
  ['sampled', 1],
]) {
  const [plain, tracked] = compare(() => probe.allocatorTime(1e5), { sampleInterval }).map(least);
  const beyond = (tracked - plain).toFixed(1);
  console.log(`pair, ${name.padEnd(12)} ${plain.toFixed(1)} ns, tracked +${beyond} ns`);
}

const loop = () => {
  const begin = process.hrtime.bigint();
  for (let i = 0; i < 20_000; i++) new ArrayBuffer(16_384);
  return Number(process.hrtime.bigint() - begin) / 20_000;
};
for (let i = 0; i < 20; i++) loop();
let interval;
const [free, busy] = compare(() => {
  const time = loop();
  interval = status().sampleInterval || interval;
  return time;
}, {}).map(median);
console.log(
  `16 KiB in a tight loop ${free.toFixed(0)} ns, tracked x${(busy / free).toFixed(3)} (interval then ${interval / 1024} KiB)`,
);

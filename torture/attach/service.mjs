// SPDX-License-Identifier: MIT
// A service that does a bit of everything, at random. Prints its port.
//
//   GET /NUMBER   the number's digits, reversed
//   GET /memory   RSS after full collections, with all threads ended
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { Random } from '../random.mjs';

const random = new Random(Number(process.argv[2]));
const IN_WORKER = `
  let kept = [];
  setInterval(() => { kept = Array.from({ length: 1000 }, (_, i) => ({ i, text: 'x' + i })); }, 5);
`;
let workers = [];
let kept = [];
let isQuiet = false;

const WORK = [
  [
    8,
    () =>
      (kept = Array.from({ length: random.magnitude(20_000) }, (_, i) => ({ i, name: `n${i}` }))),
  ],
  [4, () => kept.push(Buffer.alloc(random.magnitude(1_000_000)))],
  [2, () => gzipSync(Buffer.alloc(100_000, 'text '))],
  [1, () => gc({ type: random.chance(0.5) ? 'minor' : 'major' })],
  [1, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, random.magnitude(100))],
  [1, () => workers.length < 2 && workers.push(new Worker(IN_WORKER, { eval: true }))],
  [1, () => workers.shift()?.terminate()],
];

setInterval(() => {
  if (!isQuiet) random.weighted(WORK)();
}, 10);

async function memory() {
  isQuiet = true;
  kept = [];
  await Promise.all(workers.map((worker) => worker.terminate()));
  workers = [];
  for (let i = 0; i < 5; i++) {
    await delay(20);
    gc();
  }
  isQuiet = false;
  return process.memoryUsage.rss();
}

const server = createServer(async ({ url }, response) => {
  const answer = url === '/memory' ? await memory() : [...url.slice(1)].reverse().join('');
  response.end(String(answer));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.on('SIGTERM', () => process.exit(42));

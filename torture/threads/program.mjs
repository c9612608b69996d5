// SPDX-License-Identifier: MIT
// The main thread of a process of random concurrent threads. Ends with 0 unless something was
// wrong.
//
//   node --expose-gc torture/threads/program.mjs --seed 7 --seconds 10 [--untraced]
//     --untraced: the same without tracing, to see whether Node itself fails
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Random } from '../random.mjs';
import { Traffic } from './traffic.mjs';

const WORKERS = 4;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seconds: { type: 'string' },
    untraced: { type: 'boolean', default: false },
  },
});
const random = new Random(Number(values.seed));
const { untraced } = values;
const workers = new Set();
let started = 0;
let terminated = 0;

function fail(error) {
  console.error(error);
  process.exit(1);
}
process.on('unhandledRejection', fail);

// Sends a buffer to another worker, or keeps it here.
function forward(buffer) {
  const others = [...workers];
  const to = random.pick([...others, traffic]);
  if (to === traffic) traffic.keep(buffer);
  else to.postMessage(buffer, buffer instanceof ArrayBuffer ? [buffer] : []);
}

const traffic = new Traffic({ random, untraced, send: forward });

function startWorker() {
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
    workerData: { seed: random.int(2 ** 31), untraced },
  });
  started++;
  workers.add(worker);
  worker.on('message', forward).on('error', fail);
  worker.on('exit', () => workers.delete(worker));
}

async function endWorker() {
  const worker = random.pick([...workers]);
  workers.delete(worker);
  const ended = worker.terminate();
  terminated++;
  if (random.chance(0.5)) await ended;
}

const end = performance.now() + Number(values.seconds) * 1000;
while (performance.now() < end) {
  while (workers.size < WORKERS) startWorker();
  for (let i = random.int(10); i > 0; i--) await traffic.step();
  // Ends a thread at any moment, also while it starts.
  await setTimeout(random.magnitude(200));
  if (random.chance(0.5)) await endWorker();
}
console.log(`${started} workers, ${terminated} terminated, ${traffic.steps} steps`);
// Exits at once, while all threads work, or after they are terminated.
if (random.chance(0.5)) process.exit(0);
for (const worker of workers) worker.terminate();

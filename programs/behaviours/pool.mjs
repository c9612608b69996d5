// SPDX-License-Identifier: MIT
// Uses piscina's pool of threads, and threads that end in other ways.
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';

const pool = new Piscina({
  filename: fileURLToPath(new URL('./keep.mjs', import.meta.url)),
  name: 'keep',
  minThreads: 2,
  maxThreads: 3,
});
const sums = await Promise.all(Array.from({ length: 24 }, (_, i) => pool.run(1000 * i)));
console.log(sums.join());
await pool.close();

// Runs in turns of the event loop: in one endless loop, Node 24 itself may never end.
const SPENDER = `const all = [];
function more() {
  for (let i = 0; i < 1000; i++) all.push({ i, list: [i] });
  setImmediate(more);
}
more();`;

const ending = (source, { options = {}, terminate = false } = {}) =>
  new Promise((resolve) => {
    const worker = new Worker(source, { eval: true, ...options });
    let error;
    worker.on('error', (thrown) => {
      error = thrown.code ?? thrown.message;
    });
    worker.on('exit', (code) => resolve(`${code} ${error ?? ''}`));
    if (terminate) worker.on('message', () => worker.terminate());
  });
console.log(await ending('process.exit(4)'));
console.log(await ending('throw new Error("in a worker")'));
console.log(
  await ending(
    'require("node:worker_threads").parentPort.postMessage(1); for (;;) new Array(100)',
    { terminate: true },
  ),
);
console.log(
  await ending(SPENDER, {
    options: { resourceLimits: { maxOldGenerationSizeMb: 20, maxYoungGenerationSizeMb: 4 } },
  }),
);
for (let i = 0; i < 20; i++) await ending('[].concat(new Array(1000))');

// SPDX-License-Identifier: MIT
// Recurses without end, and allocates meanwhile, on the main thread and in a worker; then crashes.
import { Worker } from 'node:worker_threads';

const SOURCE = `
  const endless = (row) => [endless({ row, list: new Array(10) })];
  let name;
  try { endless(); } catch (error) { name = error.name; }
`;
console.log(new Function(`${SOURCE} return name`)());
await new Promise((resolve) =>
  new Worker(`${SOURCE} require('node:worker_threads').parentPort.postMessage(name)`, {
    eval: true,
  })
    .on('message', console.log)
    .on('exit', resolve),
);
const endless = (row) => [endless({ row, list: new Array(10) })];
endless();

// SPDX-License-Identifier: MIT
// One of the workers: runs until it is terminated.
import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { Random } from '../random.mjs';
import { Traffic } from './traffic.mjs';

const traffic = new Traffic({
  random: new Random(workerData.seed),
  untraced: workerData.untraced,
  send: (buffer) => parentPort.postMessage(buffer, buffer instanceof ArrayBuffer ? [buffer] : []),
});
parentPort.on('message', (buffer) => traffic.keep(buffer));
for (;;) {
  await traffic.step();
  await setImmediate();
}

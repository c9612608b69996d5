// SPDX-License-Identifier: MIT
// A forked process of parts/growth.mjs with given numbers of live objects and stacks; reports the
// CPU time of a fixed churn beside them, in microseconds, and resident memory.
import { setTimeout as sleep } from 'node:timers/promises';
import { trackers } from '../library/trackers.mjs';

const [name, live, stacks] = process.argv.slice(2);
const CHURN = 300_000;

/** Creates that many stacks: functions that allocate, each with its own callers. */
function makeAllocators(count) {
  const side = Math.ceil(Math.sqrt(count));
  const many = (source) => `[${Array.from({ length: side }, () => `\n${source}`)}]`;
  const [leaves, callers] = new Function(
    `return [${many('(n) => ({ n, next: undefined })')}, ${many('(leaf, n) => leaf(n)')}]`,
  )();
  const allocators = callers.flatMap((caller) => leaves.map((leaf) => (n) => caller(leaf, n)));
  return allocators.slice(0, count);
}

const allocators = makeAllocators(Number(stacks));
const allocate = (n) => allocators[n % allocators.length](n);
const keep = new Array(Number(live));
await trackers[name].create().start();
for (let n = 0; n < keep.length; n++) keep[n] = allocate(n);
for (let i = 0; i < 3; i++) {
  globalThis.gc();
  await sleep(1);
}
const { rss } = process.memoryUsage();
const before = process.cpuUsage();
for (let n = 0; n < CHURN; n++) keep[n % 1000] = allocate(n);
const { user, system } = process.cpuUsage(before);
process.send({ rss, cpu: user + system });
process.disconnect();

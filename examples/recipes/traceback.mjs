// SPDX-License-Identifier: MIT
// The whole stack of the largest group, newest frame first.
import { Filter, start, takeSnapshot } from 'tracemalloc';

start({ tracebackLimit: 25, sampleInterval: 4096 });
const cache = [];
function load(id) {
  return { id, values: new Array(50).fill(id) };
}
function fill() {
  for (let id = 0; id < 5_000; id++) cache.push(load(id));
}
fill();

const snapshot = takeSnapshot().filterTraces([
  new Filter({ inclusive: true, filenamePattern: '*/recipes/*' }),
]);
const [biggest] = snapshot.statistics('traceback');
console.log(`${Math.round(biggest.count)} blocks: ${(biggest.size / 1024).toFixed(1)} KiB`);
for (const line of biggest.traceback.format({ limit: 2, mostRecentFirst: true })) console.log(line);
console.log(`${cache.length} entries`);

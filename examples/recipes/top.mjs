// SPDX-License-Identifier: MIT
// The lines that hold most memory, without Node's own.
import { Filter, start, takeSnapshot } from 'tracemalloc';

start({ sampleInterval: 4096 });
const cache = [];
for (let i = 0; i < 20_000; i++) cache.push({ id: i, tags: [i, i + 1] });

const snapshot = takeSnapshot().filterTraces([
  new Filter({ inclusive: false, filenamePattern: 'node:*' }),
]);
for (const statistic of snapshot.statistics('lineno').slice(0, 3)) console.log(String(statistic));
console.log(snapshot.statistics('traceback')[0].traceback.format({ limit: 1 }).join('\n'));
console.log(`${cache.length} entries`);

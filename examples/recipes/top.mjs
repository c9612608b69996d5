// SPDX-License-Identifier: MIT
// The lines of one's own that hold most memory.
import { start, takeSnapshot } from 'tracemalloc';

start({ sampleInterval: 4096 });
const cache = [];
for (let i = 0; i < 20_000; i++) cache.push({ id: i, tags: [i, i + 1] });

const snapshot = takeSnapshot();
const lines = snapshot.statistics('lineno', { frames: 'own' });
for (const statistic of lines.slice(0, 3)) console.log(String(statistic));
const [stack] = snapshot.statistics('traceback', { frames: 'own' });
console.log(stack.traceback.format({ limit: 1 }).join('\n'));
console.log(`${cache.length} entries`);

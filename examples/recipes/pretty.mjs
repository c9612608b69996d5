// SPDX-License-Identifier: MIT
// The largest lines with their source, and the sum of the rest.
import { basename, dirname, join } from 'node:path';
import { start, takeSnapshot } from 'tracemalloc';

function displayTop(snapshot, keyType = 'lineno', limit = 3) {
  const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
  const statistics = snapshot.statistics(keyType, { frames: 'own' });
  console.log(`Top ${limit} lines`);
  for (const [index, { traceback, size }] of statistics.slice(0, limit).entries()) {
    const { filename, lineno } = traceback.at(-1);
    const short = join(basename(dirname(filename)), basename(filename));
    console.log(`#${index + 1}: ${short}:${lineno}: ${kib(size)}`);
    const [, source] = traceback.format();
    if (source) console.log(source);
  }
  const total = (rows) => rows.reduce((sum, { size }) => sum + size, 0);
  const other = statistics.slice(limit);
  if (other.length > 0) console.log(`${other.length} other: ${kib(total(other))}`);
  console.log(`Total allocated size: ${kib(total(statistics))}`);
}

start({ sampleInterval: 4096 });
const users = Array.from({ length: 20_000 }, (_, id) => ({ id, name: `user ${id}` }));
const byName = new Map(users.map((user) => [user.name, user]));
displayTop(takeSnapshot());
console.log(`${byName.size} users`);

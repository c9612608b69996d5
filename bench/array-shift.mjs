// SPDX-License-Identifier: MIT
// The only operation that any V8 sampler slows down: while a sampler runs, V8 does not left-trim,
// so Array.prototype.shift on arrays of some thousand elements moves them all. Prints ns per push +
// shift by queue length, untracked and tracked, each in a fresh process.
import { fork } from 'node:child_process';
import { once } from 'node:events';

if (process.send) {
  if (process.argv[2] === 'tracked') (await import('../dist/index.js')).start();
  const row = {};
  for (const length of [100, 1000, 5000, 20_000, 50_000, 100_000]) {
    const queue = Array.from({ length }, (_, i) => i);
    const count = 20_000;
    for (let i = 0; i < count; i++) queue.push(queue.shift());
    const begun = process.hrtime.bigint();
    for (let i = 0; i < count; i++) queue.push(queue.shift());
    row[length] = Math.round(Number(process.hrtime.bigint() - begun) / count);
  }
  process.send(row);
  process.disconnect();
} else {
  for (const mode of ['untracked', 'tracked']) {
    const child = fork(new URL(import.meta.url), [mode]);
    const [row] = await once(child, 'message');
    console.log(mode.padEnd(10), JSON.stringify(row));
    await once(child, 'exit');
  }
}

// SPDX-License-Identifier: MIT
// Starts a tree of processes, each of which works for its parent.
import { fork, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { keep } from './keep.mjs';

const FILE = fileURLToPath(import.meta.url);
const depth = Number(process.argv[2] ?? 0);
const ask = () =>
  new Promise((resolve, reject) => {
    let answer;
    fork(FILE, [String(depth + 1)])
      .on('message', (message) => {
        answer = message;
      })
      .on('error', reject)
      .on('exit', (code, signal) => resolve({ answer, code, signal }));
  });
const below = depth < 2 ? await Promise.all([ask(), ask()]) : [];
const sum = keep(20_000) + below.reduce((total, { answer }) => total + answer.sum, 0);
if (process.send) {
  // The channel is never disconnected: without listeners it must not keep the process alive.
  process.send({ sum, ends: below.map(({ code, signal }) => code ?? signal) });
  process.exitCode = depth;
} else {
  console.log(JSON.stringify({ sum, below }));
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-p', '6 * 7'], {
    encoding: 'utf8',
  });
  console.log(status, stdout.trim(), process.env.TRACEMALLOC_REPORT_EVERY ? '' : stderr);
}

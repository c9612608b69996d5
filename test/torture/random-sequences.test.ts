// SPDX-License-Identifier: MIT
// A few random sequences; `npm run torture -- sequences` runs more.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runNode } from '../support/child.js';

const PROGRAM = fileURLToPath(new URL('../../torture/sequences/program.mjs', import.meta.url));

// Sequences compare snapshots of different limits.
const EXPECTED = '--disable-warning=TRACEMALLOC_TRACEBACK_LIMIT';

test.each([
  { seed: 1, flags: [] },
  { seed: 3, flags: [] },
  { seed: 5, flags: ['--stress-compaction', '--gc-interval=5000'] },
  // An allocation while a closure's frame is deoptimized: the walker crashed on Node 26.
  { seed: 1063, flags: ['--random-gc-interval=300'] },
])('a random sequence of everything: $seed $flags', async ({ seed, flags }) => {
  const args = ['--seed', `${seed}`, '--steps', '200', '--seconds', '4'];
  const all = ['--expose-gc', EXPECTED, ...flags, PROGRAM, ...args];
  const outcome = await runNode(all);
  expect({ ...outcome, stdout: '' }).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
});

// SPDX-License-Identifier: MIT
// Threads that interact at random; `npm run torture -- threads` runs more.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runNode } from '../support/child.js';

const PROGRAM = fileURLToPath(new URL('../../torture/threads/program.mjs', import.meta.url));

test.each([1, 2, 3, 4])('five threads trace, free and end at random: %i', async (seed) => {
  const args = ['--expose-gc', PROGRAM, '--seed', `${seed}`, '--seconds', '8'];
  const outcome = await runNode(args);
  expect({ ...outcome, stdout: '' }).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
});

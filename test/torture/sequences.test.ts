// SPDX-License-Identifier: MIT
// A few random sequences without stress flags; `npm run torture -- sequences` goes on from there.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runNode } from '../support/child.js';

const PROGRAM = fileURLToPath(new URL('../../torture/sequences/program.mjs', import.meta.url));

test.each([1, 3, 5])('a random sequence of everything, seed %i', async (seed) => {
  const args = ['--seed', `${seed}`, '--steps', '100', '--seconds', '4'];
  const { code, signal, stderr } = await runNode(['--expose-gc', PROGRAM, ...args]);
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
});

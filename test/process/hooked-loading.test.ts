// SPDX-License-Identifier: MIT
// Hooks of the program (APM agents, transpilers) run while the package loads a part of itself
// during its work.
import { expect, test } from 'vitest';
import { run } from '../support/child.js';

const FIXTURE = new URL('../fixtures/hooked-loading.cjs', import.meta.url);

test.each([
  { called: 'nothing', thrown: [] },
  { called: 'status', thrown: [] },
  { called: 'getTracedMemory', thrown: [] },
  { called: 'takeSnapshot', thrown: ['ERR_BUSY'] },
  { called: 'getObjectTraceback', thrown: ['ERR_BUSY'] },
  { called: 'clearTraces', thrown: ['ERR_BUSY'] },
  { called: 'stop', thrown: ['ERR_BUSY'] },
])('a collection and $called in a hook: every line stays right', async ({ called, thrown }) => {
  const outcome = await run(FIXTURE, { args: ['--expose-gc'], argv: [called] });
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  const result = JSON.parse(outcome.stdout);
  expect(result).toEqual({ checked: 30, right: 30, hooked: 1, thrown });
});

// SPDX-License-Identifier: MIT
// The next allocation uses what a builtin left of its block: its line is right, or approximate.
import { expect, test } from 'vitest';
import { run } from '../support/child.js';

const FIXTURE = new URL('../fixtures/left-over.mjs', import.meta.url);

test('no object is reported at the line of the builtin before it', async () => {
  const { code, stdout, stderr } = await run(FIXTURE);
  expect(code, stderr).toBe(0);
  const { told, approximate, wrong } = JSON.parse(stdout);
  expect(wrong).toEqual([]);
  // 132 programs with 20 objects each, of 16 bytes or more; one sample per 32 bytes.
  expect(told).toBeGreaterThan(132 * 20 * 0.4);
  expect(approximate).toBeLessThan(told * 0.1);
});

// SPDX-License-Identifier: MIT
// Functions of many variables, such as the top level of a bundle: their bytecodes have wide
// operands and a prefix, and what is allocated by a builtin that they call has their line all the
// same.
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

test.each([
  { flags: 'default flags', args: [] },
  { flags: 'Ignition', args: ['--no-opt', '--no-maglev', '--no-sparkplug'] },
])('$flags: every line is exact', async ({ args }) => {
  const told = await evaluate(async () => (await import('./wide-bytecodes.mjs')).wideFunction(), {
    args,
  });
  // 8 MB at 4 KiB: about 1,700 samples, whose sum has a standard error of at most 2.4 %.
  expect(told.large).toBeGreaterThan(0.9);
  expect(told.large).toBeLessThan(1.1);
  expect(told.approximate).toBeLessThan(0.01);
});

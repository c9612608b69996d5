// SPDX-License-Identifier: MIT
// Functions of many variables, such as the top level of a bundle: their bytecodes have wide operands
// and a prefix, and allocations of builtins that they call still have their line.
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

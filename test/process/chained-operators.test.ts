// SPDX-License-Identifier: MIT
// Results of a chain of operators, strings and BigInts, are reported at their operator's line.
import { expect, test } from 'vitest';
import { run } from '../support/child.js';

const FIXTURE = new URL('../fixtures/chained-operators.mjs', import.meta.url);

test.each([
  ['Ignition', ['--no-opt', '--no-sparkplug', '--no-maglev']],
  ['default flags', []],
])('each operator has its line: %s', async (_, args) => {
  const { code, stdout, stderr } = await run(FIXTURE, { args });
  expect(code, stderr).toBe(0);
  const { times, counts } = JSON.parse(stdout) as { times: number; counts: Record<string, number> };
  for (const mark of ['outer string', 'inner string', 'outer product', 'inner product']) {
    // One more if V8 first allocates what it keeps for the function; fewer if a product returns a
    // part of its block, which is taken for the sampled object.
    expect(counts[mark], stdout).toBeGreaterThanOrEqual(0.9 * times);
    expect(counts[mark], stdout).toBeLessThanOrEqual(2 * times);
  }
  expect(Object.keys(counts).filter((key) => key.includes('approximate'))).toEqual([]);
});

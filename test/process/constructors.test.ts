// SPDX-License-Identifier: MIT
// Instances are reported at the line of their `new`, even if the optimizer inlines the constructor
// and keeps no position for the object.
import { expect, test } from 'vitest';
import { run } from '../support/child.js';

const FIXTURE = new URL('../fixtures/constructors.mjs', import.meta.url);

test('instances are reported at the line that created them', async () => {
  const { code, stdout, stderr } = await run(FIXTURE, { args: ['--expose-gc'] });
  expect(code, stderr).toBe(0);
  const results = JSON.parse(stdout) as Record<
    string,
    { right: number; wrong: number; approximate: number }
  >;
  expect(Object.keys(results)).toHaveLength(7);
  for (const [kind, { right, wrong, approximate }] of Object.entries(results)) {
    // At one sample per 512 bytes, 19 of 310 objects of 32 bytes or more are sampled; two or fewer
    // once in a million runs.
    expect(right, kind).toBeGreaterThan(2);
    expect(wrong, kind).toBe(0);
    expect(approximate, kind).toBe(0);
  }
});

// SPDX-License-Identifier: MIT
// Instances are reported at the line of their `new`, even if the optimizer inlines the constructor
// and keeps no position for the object.
import { expect, test } from 'vitest';
import { run } from '../support/child.js';

const FIXTURE = new URL('../fixtures/constructors.mjs', import.meta.url);

test('instances are told at the line that made them', async () => {
  const { code, stdout, stderr } = await run(FIXTURE, { args: ['--expose-gc'] });
  expect(code, stderr).toBe(0);
  const results = JSON.parse(stdout) as Record<
    string,
    { right: number; wrong: number; approximate: number }
  >;
  expect(Object.keys(results)).toHaveLength(7);
  for (const [kind, { right, wrong, approximate }] of Object.entries(results)) {
    // Of 310 objects of 32 bytes or more 19 are sampled, one each 512 bytes; once in a million runs
    // it is two or fewer.
    expect(right, kind).toBeGreaterThan(2);
    expect(wrong, kind).toBe(0);
    expect(approximate, kind).toBe(0);
  }
});

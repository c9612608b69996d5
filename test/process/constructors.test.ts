// SPDX-License-Identifier: MIT
// What `new` makes is told at its own line, also where the optimizer inlines the constructor and
// keeps no position for the object.
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
    // Of 310 objects or more some 10 % are sampled.
    expect(right, kind).toBeGreaterThan(10);
    expect(wrong, kind).toBe(0);
    expect(approximate, kind).toBe(0);
  }
});

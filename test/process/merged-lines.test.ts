// SPDX-License-Identifier: MIT
// Code that was optimized before start() merges neighbouring allocations into one block, which V8
// reports at the place of the first: each record's line is found from the record, or is marked
// approximate.
import { expect, test } from 'vitest';
import { run } from '../support/child.js';

const FIXTURE = new URL('../fixtures/merged-lines.mjs', import.meta.url);
const RECORD_SIZE = 7 * 8; // map, properties, elements, four fields

interface Sizes {
  right: number;
  wrong: number;
  approximate: number;
  count: number;
}

async function measure(when: 'before' | 'after'): Promise<Sizes> {
  const args = ['--expose-gc', '--allow-natives-syntax'];
  const { code, stdout, stderr } = await run(FIXTURE, { args, argv: [when] });
  expect(code, stderr).toBe(0);
  const sizes = JSON.parse(stdout) as Sizes;
  // 1,650 samples, of blocks if merged: the bound is more than five standard errors.
  const ratio = (sizes.right + sizes.approximate) / (sizes.count * RECORD_SIZE);
  expect(ratio).toBeGreaterThan(0.8);
  expect(ratio).toBeLessThan(1.2);
  // A boxed counter, for example, but none of the records.
  expect(sizes.wrong).toBeLessThan(10_000);
  return sizes;
}

test('optimized before start(): allocations are merged, and no line is wrong', async () => {
  await measure('before');
});

test('optimized after start(): the line is right', async () => {
  const { approximate } = await measure('after');
  expect(approximate).toBe(0);
});

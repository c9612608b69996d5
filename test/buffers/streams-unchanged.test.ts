// SPDX-License-Identifier: MIT
// A program sees the same node:zlib with and without tracing, except the source text of the methods
// of Node's handles.
import { beforeAll, expect, test } from 'vitest';
import { programs, run } from '../support/child.js';

const ask = programs<typeof import('../fixtures/streams-unchanged.mjs')>('streams-unchanged');

const runs: Record<string, unknown>[] = [];

beforeAll(async () => {
  for (const isTraced of [false, true]) {
    runs.push(await ask('observed', { given: { isTraced } }));
  }
});

test('a program sees no difference', () => {
  const [plain, { rows, ...traced } = {}] = runs;
  expect(traced).toEqual(plain);
  expect(rows).toBeGreaterThan(3);
});

test('a process that ends by an error of zlib prints the same message', async () => {
  const program = new URL('../fixtures/dies-of-zlib.mjs', import.meta.url);
  const plain = await run(program);
  expect(plain.stderr).toContain('ERR_ZLIB_INITIALIZATION_FAILED');
  expect(await run(program, { argv: ['traced'] })).toEqual(plain);
});

test('random numbers are the same for the same seed', async () => {
  const [plain, traced] = await Promise.all(
    [false, true].map((isTraced) =>
      ask<number>('firstRandomNumber', { given: { isTraced }, args: ['--random-seed=7'] }),
    ),
  );
  expect(traced).toBe(plain);
});

test("stop() restores Node's methods, except where other code has wrapped ours", async () => {
  const seen = await ask<Record<string, boolean>>('restoredMethods');
  expect(seen).toEqual({
    watched: true,
    restored: true,
    theirs: true,
    again: true,
    theirsAgain: true,
    heapOnly: true,
  });
});

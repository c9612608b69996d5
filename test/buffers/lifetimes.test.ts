// SPDX-License-Identifier: MIT
// A buffer counts from its allocation to its release, wherever and whenever these happen.
// Everything is traced, so figures are exact; the self-checks must stay 0.
import { expect, test } from 'vitest';
import { programs, run } from '../support/child.js';

const ask = programs<typeof import('../fixtures/lifetimes/programs.mjs')>('lifetimes/programs');

const GC = { args: ['--expose-gc'] };
const FINE = [0, 0, 0];

test('a buffer allocated before start and freed later counts nowhere', async () => {
  const seen = await ask('olderThanStart', GC);
  expect(seen).toEqual([[0, 1e6], 0, 0, true, FINE]);
});

test('buffers are freed after stop, and in a later session', async () => {
  const seen = await ask('freedAfterStop', GC);
  expect(seen).toEqual([20e6, 5e6, 0, FINE]);
});

test('a detached and a shared buffer each count once', async () => {
  const seen = await ask('detachedAndShared', GC);
  expect(seen).toEqual([[1e6, 1e6], 0, 1e6, 0, FINE]);
});

test("a buffer transferred to a worker is freed by the worker's collector or its end", async () => {
  const seen = await ask('transferred', GC);
  expect(seen).toEqual([5e6, 0, FINE]);
});

test('tracing workers are terminated while buffers are in transfer both ways', async () => {
  const seen = await ask('terminatedInFlight', {
    given: { packageUrl: new URL('../../dist/index.js', import.meta.url).href },
    ...GC,
  });
  expect(seen).toEqual([true, 0, 0, FINE]);
});

test.each(['exits', 'throws', 'returns'])('the process %s', async (how) => {
  const { code, stdout } = await run(new URL('../fixtures/lifetimes/ending.mjs', import.meta.url), {
    ...GC,
    argv: [how],
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'before' });
});

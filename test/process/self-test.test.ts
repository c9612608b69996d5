// SPDX-License-Identifier: MIT
// The self-test at start distinguishes a wrong frame, for which lines are given up, from a missing
// one.
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

const startWith = (...args: string[]) =>
  evaluate(
    ({ tracemalloc }) => {
      tracemalloc.start();
      const { precision, reason } = tracemalloc.status();
      return { precision, reason };
    },
    { args },
  );

test('code that V8 discards at once cannot be tested: only its lines are off', async () => {
  const { precision, reason } = await startWith('--deopt-every-n-times=1');
  expect(precision).toBe('line');
  expect(reason).toMatch(/lines of turbofan frames are off: the self-test saw none/);
});

test('code that V8 discards now and then is tested', async () => {
  const { precision, reason } = await startWith('--deopt-every-n-times=300');
  expect(precision).toBe('line');
  expect(reason).toBe('');
});

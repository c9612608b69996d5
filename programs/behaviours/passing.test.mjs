// SPDX-License-Identifier: MIT
import { strictEqual } from 'node:assert';
import { describe, test } from 'node:test';
import { keep } from './keep.mjs';

describe('keep', () => {
  for (const n of [10, 1000, 100_000])
    test(`keeps ${n}`, (t) => {
      t.diagnostic(`sum ${keep(n)}`);
      strictEqual(keep(10), 1);
    });
  test('mocked timers', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
    let calls = 0;
    setInterval(() => calls++, 1000);
    t.mock.timers.tick(5000);
    strictEqual(calls, 5);
  });
});

// SPDX-License-Identifier: MIT
// Test suites replace timers and clocks: reports continue by the real ones, and no timer of
// tracemalloc is among the fake ones.
import { expect, test } from 'vitest';
import { REGISTER, run } from '../support/child.js';
import { reportsOf } from '../support/report-schema.js';

test('reports continue while timers and clocks are fake', async () => {
  const { code, stdout, stderr } = await run(
    new URL('../fixtures/fake-timers.mjs', import.meta.url),
    { args: ['--require', REGISTER], env: { TRACEMALLOC: '1', TRACEMALLOC_REPORT_EVERY: '50ms' } },
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  // The third is published, but not written yet.
  const times = reportsOf(stderr).map(({ time }) => time);
  expect(times).toHaveLength(2);
  expect(times[1]! > times[0]!).toBe(true);
});

// SPDX-License-Identifier: MIT
// A termination that arrives while tracemalloc's own JavaScript runs in an interrupt still ends the
// program's code: time limits of vm, and worker.terminate().
import { expect, test } from 'vitest';
import { run } from '../support/child.js';

const FIXTURE = new URL('../fixtures/terminated.cjs', import.meta.url);

test.each([
  { means: 'vm', ends: 60 },
  { means: 'worker.terminate()', ends: 20 },
])('$means ends endless code that compiles functions, each time', async ({ means, ends }) => {
  const outcome = await run(FIXTURE, { argv: [means] });
  expect(outcome).toEqual({ code: 0, signal: null, stdout: `${ends}\n`, stderr: '' });
});

test('worker.terminate() ends workers that wait and answer at that moment', async () => {
  const outcome = await run(FIXTURE, { argv: ['parked'] });
  expect(outcome).toEqual({ code: 0, signal: null, stdout: '20\n', stderr: '' });
});

test('the module that finds literals is loaded again if its loading was terminated', async () => {
  const outcome = await run(FIXTURE, { argv: ['loading'] });
  expect(outcome).toEqual({ code: 0, signal: null, stdout: '59\n', stderr: '' });
});

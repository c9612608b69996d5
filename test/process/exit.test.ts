// SPDX-License-Identifier: MIT
// A process or a worker ends while tracing as it would end without tracing.
import { expect, test } from 'vitest';
import { programs, run } from '../support/child.js';

const PROGRAM = new URL('../fixtures/exit/program.mjs', import.meta.url);
const ask = programs<typeof import('../fixtures/exit/threads.mjs')>('exit/threads');
const ends = (how: string) => run(PROGRAM, { argv: [how] });

test.each([
  { how: 'at its end', code: 0 },
  { how: 'with a snapshot taken', code: 0 },
  { how: 'by process.exit', code: 3 },
  { how: 'by process.exit in an exit handler', code: 4 },
  { how: 'by process.exit in a timer', code: 5 },
  { how: 'with an exit code set', code: 6 },
  { how: 'after stop', code: 0 },
])('ends $how', async ({ how, code }) => {
  expect(await ends(how)).toEqual({ code, signal: null, stdout: '', stderr: '' });
});

test('an uncaught throw and an unhandled rejection keep code 1 and their message', async () => {
  for (const how of ['by an uncaught throw', 'by an unhandled rejection']) {
    const outcome = await ends(how);
    expect(outcome).toMatchObject({ code: 1, signal: null, stdout: '' });
    expect(outcome.stderr).toContain('Error: boom');
  }
});

test('a signal ends the process by that signal', async () => {
  const outcome = await ends('by a signal');
  expect(outcome).toMatchObject({ code: null, signal: 'SIGTERM', stderr: '' });
});

interface Ended {
  readonly end: string;
  readonly isOwn: boolean;
  readonly code: number;
  readonly error: string;
}

test('20 workers start and end while tracing, 5 of them terminated; the main thread continues', async () => {
  const { results, tracing, size } = await ask<{
    results: Ended[];
    tracing: boolean;
    size: number;
  }>('twentyWorkers', { args: ['--expose-gc'], isQuiet: true });
  expect(results).toHaveLength(20);
  const codes: Record<string, number> = { terminated: 1, throws: 1, exits: 9, stops: 0 };
  for (const { end, isOwn, code, error } of results) {
    expect({ end, isOwn, code, error }).toEqual({
      end,
      isOwn: true,
      code: codes[end],
      error: end === 'throws' ? 'worker boom' : '',
    });
  }
  expect(tracing).toBe(true);
  expect(size).toBeGreaterThan(500_000);
});

test('the main thread stops while a worker traces, and vice versa', async () => {
  const { sizes, main } = await ask<{ sizes: [number, number, number]; main: number }>(
    'mainStops',
    { isQuiet: true },
  );
  expect(sizes[0]).toBeGreaterThan(100_000);
  expect(sizes[1]).toBeGreaterThan(sizes[0] * 1.3);
  expect(sizes[2]).toBeGreaterThan(sizes[1] * 1.1);
  expect(main).toBeGreaterThan(0);
});

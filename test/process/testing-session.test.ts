// SPDX-License-Identifier: MIT
// What tracemalloc/testing does with tracing that runs already, and with wrong calls.
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const run = programs<typeof import('../fixtures/testing/session.mjs')>('testing/session');

test('a session that is running goes on, with its options and what it has traced', async () => {
  expect(await run('whileTracing')).toEqual({
    growth: 'ERR_MEMORY_GROWTH',
    limit: 'ERR_MEMORY_LIMIT',
    interval: 64,
    isTracing: true,
    keepsEarlier: true,
  });
});

test('a session of its own ends, whatever the body does', async () => {
  expect(await run('afterwards')).toEqual({
    passed: false,
    failed: false,
    threw: 'the body failed',
    thrown: false,
    result: 42,
  });
});

test('a body that hangs ends with its timeout, is named to others, and blocks none', async () => {
  expect(await run('hangs')).toEqual({
    queued: expect.stringMatching(
      /^ERR_TIMEOUT waited 50 ms for the measurement at .*session\.mjs:\d+, whose body is in run 3 /,
    ),
    hanging: expect.stringMatching(
      /^ERR_TIMEOUT the measurement at .*session\.mjs:\d+, whose body is in run 3, took more than 1000 ms/,
    ),
    isTracing: false,
    runsLater: 0,
    next: 'ERR_MEMORY_GROWTH',
  });
});

test.each(['stops', 'restarts', 'clears'] as const)(
  'a body that %s tracing is refused',
  async (what) => {
    expect(await run('meddles', { given: what })).toEqual({
      growth: 'ERR_NOT_TRACING',
      limit: 'ERR_NOT_TRACING',
      running: 'ERR_NOT_TRACING',
      isTracing: false,
    });
  },
);

test('what a body has left behind may measure after its end', async () => {
  expect(await run('later')).toBe('ERR_MEMORY_GROWTH');
});

test('small limits leave room for what measuring itself needs, or are refused', async () => {
  expect(await run('smallLimits', { args: ['--expose-gc'] })).toEqual([
    ...['OK', 'OK', 'ERR_MEMORY_LIMIT', 'ERR_MEMORY_LIMIT', 'ERR_INVALID_OPTION'],
  ]);
});

test('what Node remembers of each fetch is no growth, and observers get it', async () => {
  expect(await run('fetches')).toEqual({ result: 'OK', notObserved: 0 });
});

test('wrong calls say so', async () => {
  expect(await run('wrongCalls')).toEqual([
    'ERR_INVALID_ARGUMENT',
    'ERR_INVALID_OPTION',
    'ERR_INVALID_OPTION',
    'ERR_INVALID_OPTION',
    'ERR_INVALID_OPTION',
    'ERR_INVALID_OPTION',
    'ERR_INVALID_OPTION',
    'ERR_INVALID_ARGUMENT',
    'ERR_BUSY',
  ]);
});

test('in a worker, and not at function precision', async () => {
  expect(await run('elsewhere')).toEqual(['ERR_MEMORY_GROWTH', 'ERR_UNSUPPORTED_PRECISION']);
});

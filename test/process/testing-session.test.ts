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

test('wrong calls say so', async () => {
  expect(await run('wrongCalls')).toEqual([
    'ERR_INVALID_ARGUMENT',
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

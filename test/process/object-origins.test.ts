// SPDX-License-Identifier: MIT
// getObjectTraceback: from an object back to the line that allocated it.
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const ask = programs<typeof import('../fixtures/object-origins.mjs')>('object-origins');

// Without the optimizing tiers every object is a block of its own.
const EXACT = { args: ['--expose-gc', '--jitless'] };

test('finds every kind of object, before and after collections that move it', async () => {
  const seen = await ask<Record<string, (string | null)[]>>('everyKind', EXACT);
  const expected = ['literal', 'list', 'instance', 'closure', 'map', 'promise', 'date'];
  for (const when of ['pending', 'moved', 'old']) {
    const told = seen[when]!;
    // An object that began in the rest of another's block (a Map's) has no known stack.
    expect(told.filter((name) => name === 'approximate').length, when).toBeLessThanOrEqual(1);
    expect(
      told.map((name, i) => (name === 'approximate' ? expected[i] : name)),
      when,
    ).toEqual(expected);
  }
  expect(seen['other']).toEqual([null, null]);
  expect(seen['inner']).toEqual(['literal']);
});

test('has the same frames as the statistic of its line, oldest first, with source text', async () => {
  const seen = await ask<Record<string, unknown>>('sameFrames', EXACT);
  expect(seen).toEqual({
    names: ['outer', 'inner'],
    known: true,
    again: true,
    cleared: true,
    found: true,
    stopped: true,
    atFunction: true,
    codes: Array(6).fill('ERR_INVALID_ARGUMENT'),
  });
});

test('sampled: a known object has its traceback, an unknown one has none', async () => {
  const seen = await ask<{ known: number; right: number; samples: number }>('sampledObjects');
  // 5000 objects of 40 B or more are 12 intervals or more.
  expect(seen.known).toBeGreaterThan(0);
  expect(seen.right).toBe(seen.known);
  expect(seen.known).toBeLessThanOrEqual(seen.samples);
});

test('a buffer has the traceback of the allocation of its memory', async () => {
  const seen = await ask<(string | null)[]>('buffers');
  expect(seen).toEqual(['node', 'plain', 'shared', 'floats', 'plain']);
});

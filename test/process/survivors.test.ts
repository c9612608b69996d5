// SPDX-License-Identifier: MIT
// takeSnapshot({ survivors: true }): only objects that a collection could have freed and did not.
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const ask = programs<typeof import('../fixtures/survivors.mjs')>('survivors');

// Enough young space that V8 does not collect on its own.
const GC = ['--expose-gc', '--min-semi-space-size=16', '--max-semi-space-size=16'];

interface Figures {
  size: number;
  count: number;
}

test('new garbage is left out, objects kept through a collection stay', async () => {
  const seen = await ask<Record<'none' | 'kept' | 'later' | 'litter' | 'gone', Figures>>(
    'keptAndLittered',
    { args: GC },
  );
  expect(seen.none).toEqual({ size: 0, count: 0 });
  expect(seen.gone).toEqual({ size: 0, count: 0 });
  // Objects of 24 B or more: 5000 are at least 450 samples, whose sum has a standard error of 5 %.
  expect(seen.kept.count / 5000).toBeGreaterThan(0.75);
  expect(seen.kept.count / 5000).toBeLessThan(1.25);
  expect(seen.later.count / 8000).toBeGreaterThan(0.75);
  expect(seen.litter.count).toBeGreaterThan(2500);
  const { allocated, variances, says } = seen as unknown as Record<string, [number, number]>;
  expect(says).toEqual([null, true, true]);
  expect(allocated?.[1]).toBeGreaterThanOrEqual(allocated?.[0] ?? 0);
  expect(variances?.[1]).toBeLessThan(variances?.[0] ?? 0);
});

test('every allocation: figures are exact, consistent, and equal once all has survived', async () => {
  const seen = await ask<Record<string, unknown>>('everyAllocation', {
    args: [...GC, '--jitless'],
  });
  expect(seen).toEqual({ first: [3, 7], last: [7, 7], sound: true, objects: 7 });
});

test('a scavenge does not make objects born in the old generation survivors', async () => {
  // Symbols, for example.
  const seen = await ask<Record<string, number>>('bornOld', {
    args: [...GC, '--allow-natives-syntax'],
  });
  expect(seen).toMatchObject({ isYoung: false, born: 0, scavenged: 0 });
  expect(seen['full']).toBeGreaterThan(4000);
  expect(seen['full']).toBe(seen['all']);
});

test('other domains and precisions: tracked memory stays, function precision is an error', async () => {
  const seen = await ask<Record<string, unknown>>('otherDomains');
  expect(seen).toEqual({
    tracked: 1,
    codes: [
      'ERR_NOT_TRACING',
      'ERR_INVALID_OPTION',
      'ERR_INVALID_OPTION',
      'ERR_INVALID_OPTION',
      'ERR_UNSUPPORTED_PRECISION',
      'OK',
    ],
  });
});

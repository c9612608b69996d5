// SPDX-License-Identifier: MIT
// V8's flags apply to the whole process: a thread that stops must leave them to the others that
// still trace, and the last one restores them. Code caches stay valid meanwhile.
import { expect, test } from 'vitest';
import { programs, REGISTER, run } from '../support/child.js';

const ask = programs<typeof import('../fixtures/v8-flags/programs.mjs')>('v8-flags/programs');

test('flags stay as tracing needs them until the last thread stops', async () => {
  const tags = await ask<Record<string, number>>('untilLastStops');
  expect(tags.workerTraces).not.toBe(tags.untraced);
  expect(tags.mainStopped).toBe(tags.workerTraces);
  expect(tags.allStopped).toBe(tags.untraced);
});

test('if the last tracing thread is terminated, the flags are restored', async () => {
  const tags = await ask<Record<string, number>>('terminatedLast');
  expect(tags.traced).not.toBe(tags.untraced);
  expect(tags.terminated).toBe(tags.untraced);
});

// Each tests its stack walker with V8's test functions, which need a flag, too.
test('threads that start at the same moment all have lines', async () => {
  const statuses = await ask<{ precision: string; reason: string }[]>('sameMoment');
  expect(statuses).toHaveLength(24);
  for (const status of statuses) expect(status).toEqual({ precision: 'line', reason: '' });
});

/** A script compiled in a fresh process, from the cache if there is one. */
const compiled = (before: string, cache?: string) =>
  ask<{ cache: string; rejected?: boolean }>('compiled', { given: { before, cache } });

test('code caches are valid for traced and untraced processes', async () => {
  const untraced = await compiled('nothing');
  const traced = await compiled('start');
  for (const { cache } of [untraced, traced]) {
    for (const before of ['nothing', 'start', 'stopped']) {
      expect((await compiled(before, cache)).rejected, before).toBe(false);
    }
  }
  expect((await compiled('anotherThread', untraced.cache)).rejected).toBe(false);
  expect((await compiled('otherFlags', untraced.cache)).rejected).toBe(true);
});

test("Node's own modules come from its code cache in a traced service", async () => {
  const { code, stdout, stderr } = await run(
    new URL('../fixtures/v8-flags/from-cache.mjs', import.meta.url),
    {
      args: ['--require', REGISTER, '--expose-internals', '--no-warnings'],
      env: { TRACEMALLOC: '1' },
    },
  );
  expect(code, stderr).toBe(0);
  const [fromCache, fromSource] = JSON.parse(stdout) as [number, string[]];
  expect(fromSource).toEqual([]);
  expect(fromCache).toBeGreaterThan(40);
});

// SPDX-License-Identifier: MIT
// Labels: memory by what the program said it was doing, whatever callbacks are in between.
import { describe, expect, test } from 'vitest';
import { programs } from '../support/child.js';

type Programs = typeof import('../fixtures/labels.mjs');
type Answer<Name extends keyof Programs> = Awaited<ReturnType<Programs[Name]>>;

const program = programs<Programs>('labels');
const GC = ['--expose-gc'];
const [major = 0] = process.versions.node.split('.').map(Number);

// How the addon learns the labels in force: from V8's own frame of the context, or by a hook.
const CONTEXTS = [
  { by: major >= 24 ? 'frame' : 'hook', args: GC },
  ...(major >= 24 ? [{ by: 'hook', args: [...GC, '--no-async-context-frame'] }] : []),
  ...(major === 22 ? [{ by: 'frame', args: [...GC, '--experimental-async-context-frame'] }] : []),
];

describe.each(CONTEXTS)('by $by', ({ by, args }) => {
  const run = <Name extends keyof Programs>(name: Name) => program<Answer<Name>>(name, { args });

  test('labels follow every kind of callback', async () => {
    const { hasHook, expected, counts } = await run('contexts');
    expect(counts).toEqual(expected);
    expect(hasHook).toBe(by === 'hook');
  });

  test('after errors, memory has the labels that are in force', async () => {
    expect(await run('errors')).toEqual({
      thrown: 'expected',
      caught: ['uncaught'],
      counts: { InA: { '{"route":"a"}': 1 }, InB: { '{"route":"b"}': 2 }, InNone: { '{}': 4 } },
    });
  });

  test('work goes on with its labels when tracing is stopped and started', async () => {
    expect(await run('restarts')).toEqual({
      before: [false, 'returned'],
      counts: { InA: { '{"route":"a"}': 5 }, InB: { '{"route":"b"}': 3 }, InNone: { '{}': 2 } },
    });
  });

  test('requests have the route of Node, Express or Fastify', async () => {
    const { requests, answers, bytes, perRequest, isRestored } = await run('routes');
    expect(answers).toEqual([
      ...['/files/0/part?secret=1', '{"order":"0"}', '{"n":0}', '{"thing":"t0"}'],
    ]);
    expect(bytes).toEqual({
      // One more when the response has ended.
      'PUT /files/:id/part': (requests * 4 * perRequest.Plain!) / 3,
      'GET /shop/:id/orders/:order': requests * perRequest.ExpressOrder!,
      'POST /users': requests * perRequest.ExpressUsers!,
      'GET /things/:thing': requests * perRequest.Fastify!,
    });
    expect(isRestored).toBe(true);
  });

  test('each response on a connection ends with the route of its request', async () => {
    expect(await run('pipelined')).toEqual({
      ...{ InA: { '{"route":"GET /a"}': 4 }, InB: { '{"route":"GET /b"}': 4 } },
    });
  });

  test('a frozen prototype costs the routes of Express only; an upgrade has no route', async () => {
    expect(await run('frozen')).toEqual({
      counts: { InA: { '{"route":"GET /one"}': 2 }, InNone: { '{}': 1 } },
      isHeard: false,
    });
  });
});

const run = <Name extends keyof Programs>(name: Name) => program<Answer<Name>>(name, { args: GC });

test('what is no label is refused, before and while tracing', async () => {
  const { ok, codes, noFunction, filter, cumulative } = await run('refusals');
  expect(ok).toBe(7);
  expect(new Set(codes)).toEqual(new Set(['ERR_INVALID_ARGUMENT']));
  expect([noFunction, filter, cumulative]).toEqual(Array(3).fill('ERR_INVALID_ARGUMENT'));
});

test('however many labels a program makes, few are told apart, and nothing is lost', async () => {
  const { sets, total, others, InB, names, rest, again } = await run('bounded');
  expect(sets).toBe(257);
  expect(total).toBe(2000);
  expect(others).toBe(2 * (1000 - 256));
  expect(InB).toEqual({ '{"user":"(other)"}': 1 });
  expect(names).toBe(15);
  expect(rest).toBe(100 - 14);
  expect(again).toEqual({ '{"user":"new"}': 3 });
});

test('buffers, tracked memory, filters, dumps and merged snapshots have them', async () => {
  const { now, loaded, sum, unchanged } = await run('everywhere');
  expect(now).toEqual(loaded);
  expect(now).toMatchObject({ labelled: true, bytes: true, other: 0, without: true });
  expect(now.cache).toEqual({ 'route=a, tenant=t': 5000 });
  expect(now.buffer).toMatchObject({ 'route=a, tenant=t': 3_010_000 });
  expect(now.buffer['(no labels)']).toBeGreaterThanOrEqual(1_000_000);
  expect(sum).toBe(10_000);
  expect(unchanged).toBe(true);
});

test('a snapshot of the process has those of its workers', async () => {
  expect(await run('workers')).toEqual({
    InA: { '{"route":"a"}': 55 },
    InB: { '{"route":"b"}': 20 },
  });
});

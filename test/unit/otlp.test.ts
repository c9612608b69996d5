// SPDX-License-Identifier: MIT
// OpenTelemetry profiles, as a decoder that is not ours reads them.
import { expect, test } from 'vitest';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import type { SnapshotFacts } from '../../src/traces/facts.js';
import { Frame } from '../../src/traces/frame.js';
import { Trace } from '../../src/traces/trace.js';
import { Traceback } from '../../src/traces/traceback.js';
import { HOSTILE_NAMES } from '../support/hostile-names.js';
import { decodeOtlp } from '../support/otlp.js';
import { snapshotOf } from '../support/snapshots.js';

// The built module, which has its version.
const built: string = new URL('../../dist/exporters/index.js', import.meta.url).href;
const { toOtlp } = (await import(built)) as typeof import('../../src/exporters/index.js');

const MAIN = new Frame('/app/main.js', 3, { column: 7, functionName: 'main' });
const ANONYMOUS = new Frame('/app/cache.js', 9, { column: 5, approximate: true });
const NATIVE = new Frame('(native)', 0, { functionName: 'push' });

const trace = new Trace({
  ...{ domain: 'heap', size: 1000.6, count: 10.4, samples: 3, variance: 1 },
  ...{ allocatedSize: 2 ** 53 - 1, allocatedCount: 300 },
  types: [{ type: 'Session', size: 600.4, count: 6 }],
  traceback: new Traceback([MAIN, ANONYMOUS, NATIVE]),
});

const facts: SnapshotFacts = {
  ...{ tracebackLimit: 16, sampleInterval: 4096, timestamp: 1_700_000_000_123 },
  ...{ duration: 60_000.5, domains: ['heap'], precision: 'line' as const },
  process: {
    ...{ pid: 4711, threadId: 3, nodeVersion: 'v24.1.0' },
    memoryUsage: { rss: 1, heapTotal: 1, heapUsed: 1, external: 1, arrayBuffers: 1 },
  },
};

test('a profile for each figure; stacks, types, domains and times are kept', () => {
  const attributes = { 'service.name': 'shop', replica: 2, 'is.canary': false };
  const decoded = decodeOtlp(toOtlp(new Snapshot([trace], facts), { attributes }));
  expect(decoded.resource).toEqual({
    ...{ 'process.pid': 4711, 'process.runtime.name': 'nodejs' },
    ...{ 'process.runtime.version': '24.1.0', ...attributes },
  });
  expect(decoded.scope).toMatch(/^tracemalloc \d+\.\d+\.\d+/);
  const stack = ['(native):0:push', '/app/cache.js:9:(anonymous:9:5)', '/app/main.js:3:main'];
  const heap = { 'tracemalloc.domain': 'heap' };
  const session = { ...heap, 'tracemalloc.type': 'Session' };
  const kept = { stack, attributes: heap };
  expect(decoded.profiles.map(({ type, unit, samples }) => [type, unit, samples])).toEqual([
    [
      'inuse_space',
      'bytes',
      [
        { stack, value: 600, attributes: session },
        { ...kept, value: 401 },
      ],
    ],
    [
      'inuse_objects',
      'count',
      [
        { stack, value: 6, attributes: session },
        { ...kept, value: 4 },
      ],
    ],
    ['alloc_space', 'bytes', [{ ...kept, value: 2 ** 53 - 1 }]],
    ['alloc_objects', 'count', [{ ...kept, value: 300 }]],
  ]);
  for (const profile of decoded.profiles) {
    expect(profile).toMatchObject({ period: 4096, duration: 60_000.5 });
    expect(Math.abs(profile.time - (facts.timestamp - 60_000.5))).toBeLessThanOrEqual(1);
    expect(profile.attributes).toEqual({ 'thread.id': 3 });
  }
  expect(decoded.frameTypes.toSorted()).toEqual(['native', 'v8js', 'v8js']);
});

test('figures that are not known have no profile; an empty snapshot has none at all', () => {
  const live = decodeOtlp(toOtlp(snapshotOf([{ at: ['/a.js:1:f'], size: 8 }])));
  expect(live.profiles.map(({ type }) => type)).toEqual(['inuse_space', 'inuse_objects']);
  const figures = live.profiles.map(({ samples }) => samples.map(({ value }) => value));
  expect(figures).toEqual([[8], [1]]);
  const none = decodeOtlp(toOtlp(snapshotOf([])));
  expect(none.profiles.flatMap(({ samples }) => samples)).toEqual([]);
});

test('negative figures, a stack without frames and any names are kept', () => {
  const rows = [
    { at: [], size: 5 },
    { at: ['/shrunk.js:1:f'], size: -3000, count: -2 },
    ...HOSTILE_NAMES.map((name, i) => ({ at: [`/app/${name}.js:${i + 1}:${name}`], size: 10 + i })),
  ];
  const [space] = decodeOtlp(toOtlp(snapshotOf(rows))).profiles;
  expect(space!.samples.map(({ value }) => value)).toEqual(rows.map(({ size }) => size));
  expect(space!.samples[0]!.stack).toEqual([]);
  const names = space!.samples.slice(2).map(({ stack }) => stack[0]);
  expect(names).toEqual(
    HOSTILE_NAMES.map((name) => Buffer.from(name).toString()).map(
      (name, i) => `/app/${name}.js:${i + 1}:${name}`,
    ),
  );
});

// SPDX-License-Identifier: MIT
// Snapshots of what was allocated between two others and lives, in real programs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const run = programs<typeof import('../fixtures/allocated.mjs')>('allocated');

interface Figures {
  readonly objects: number;
  readonly buffers: number;
  readonly bytes: number;
  readonly others: readonly string[];
  readonly allocated?: { readonly since?: number; readonly until?: number };
  readonly hasAllocatedSize: boolean;
}
type Spans = Readonly<
  Record<'first' | 'second' | 'third' | 'until' | 'empty' | 'survivors', Figures>
>;

const BUFFER = 50_000;
/** The first objects of a class have room to grow in, and count for more. */
const about = (count: number) =>
  expect.toSatisfy((given: number) => Math.abs(given - count) <= 0.01 * count);
const ofSpan = (objects: number, buffers: number) => ({
  ...{ objects: about(objects), buffers, bytes: buffers * BUFFER },
  ...{ others: [], hasAllocatedSize: false },
});

test('each span has what was allocated in it and lives, objects and buffers', async () => {
  const { times, before, after, merged, leastTraced } = await run<{
    times: readonly [number, number, number];
    before: Spans;
    after: Spans;
    merged: Figures;
    leastTraced: number;
  }>('spans');
  const [begin, first, second] = times;
  for (const [spans, secondObjects, secondBuffers] of [
    [before, 2000, 20],
    [after, 1000, 10],
  ] as const) {
    expect(spans.first).toEqual({
      ...ofSpan(1000, 10),
      allocated: { since: begin, until: first },
    });
    expect(spans.second).toEqual({
      ...ofSpan(secondObjects, secondBuffers),
      allocated: { since: first, until: second },
    });
    expect(spans.third).toEqual({ ...ofSpan(3000, 30), allocated: { since: second } });
    expect(spans.until).toEqual({ ...ofSpan(1000, 10), allocated: { until: first } });
    expect(spans.empty).toMatchObject(ofSpan(0, 0));
  }
  expect(after.survivors.objects).toEqual(about(3000));
  expect(merged).toEqual({
    ...ofSpan(2000, 20),
    allocated: { since: begin, until: second },
  });
  expect(leastTraced).toBeGreaterThan(10 * BUFFER);
});

test('a dump says which time it is limited to', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
  try {
    const { written, read } = await run<{ written: Figures; read: Figures }>('dumped', {
      given: join(directory, 'span.pb.gz'),
    });
    expect(written).toMatchObject({
      ...ofSpan(1000, 10),
      allocated: { since: expect.any(Number) },
    });
    expect(read).toEqual(written);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('other snapshots than those of this tracing are refused', async () => {
  expect(await run('refusals')).toEqual({
    ...{ own: 'ERR_INVALID_OPTION', number: 'ERR_INVALID_OPTION', cleared: 'ERR_INVALID_OPTION' },
    ...{ late: 'OK', stopped: 'ERR_INVALID_OPTION', precision: 'ERR_UNSUPPORTED_PRECISION' },
  });
});

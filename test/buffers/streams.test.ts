// SPDX-License-Identifier: MIT
// The native state of compression streams: 200 MB leaked are at the line that created the streams;
// memory that is freed, or was never used, is not shown.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evaluate, programs } from '../support/child.js';

const askLate = programs<typeof import('../fixtures/streams/late.mjs')>('streams/late');
const ask = programs<typeof import('../fixtures/streams/programs.mjs')>('streams/programs');

// Node 20 has no zstd, and Node 22 does not report its memory to V8.
const hasZstd = Number(process.versions.node.split('.')[0]) >= 24;

interface Row {
  readonly type: string;
  readonly size: number;
  readonly count: number;
  readonly error: number;
  readonly allocatedSize: number;
}

interface Rows {
  /** Streams by the innermost function that is not Node's. */
  readonly streams: Readonly<Record<string, Row>>;
  readonly unseen: number;
}
const GC = { args: ['--expose-gc'] };

const LEAKS = [
  { kind: 'deflate', type: 'zlib stream', atLeast: 0.999 },
  { kind: 'deflate as ws makes it', type: 'zlib stream', atLeast: 0.999 },
  { kind: 'inflate', type: 'zlib stream', atLeast: 0.999 },
  { kind: 'brotli', type: 'brotli stream', atLeast: 0.9 },
  ...(hasZstd ? [{ kind: 'zstd', type: 'zstd stream', atLeast: 0.999 }] : []),
];

// `atLeast`: the known share of a stream's size.
describe.each(LEAKS)('200 MB leaked: $kind', ({ kind, type, atLeast }) => {
  const leaked = (sampleInterval: number) =>
    ask<Rows & { truth: number }>('leaked', { given: { kind, sampleInterval }, ...GC });

  test('every allocation traced', async () => {
    const { streams, unseen, truth } = await leaked(1);
    expect(truth).toBeGreaterThan(190e6);
    expect(streams['leak']).toMatchObject({ type, error: 0 });
    expect(streams['leak']?.size).toBeGreaterThan(truth * atLeast);
    expect(streams['leak']?.size).toBeLessThan(truth * 1.001);
    // A megabyte for other memory that was reported to V8 meanwhile.
    expect(unseen).toBeLessThan(truth * (1 - atLeast) + 1e6);
  });

  test('sampled', async () => {
    const { streams, unseen, truth } = await leaked(512 * 1024);
    const { size = 0, error = 0 } = streams['leak'] ?? {};
    expect(error).toBeLessThan(truth * 0.1);
    // Five standard errors: the error is an estimate, too, and low if the size is low.
    expect(size).toBeGreaterThan(truth * atLeast - 5 * error);
    expect(size).toBeLessThan(truth * 1.001 + 5 * error);
    expect(unseen).toBeLessThan(truth * (1 - atLeast) + 1e6 + 5 * error);
  });
});

test("streams never written to hold nothing, and do not reduce others' share", async () => {
  const { streams, unseen } = await ask<Rows>('idleBesideBusy', GC);
  expect(streams['idle']).toBeUndefined();
  expect(streams['busy']?.count).toBe(50);
  expect(streams['busy']?.size).toBeGreaterThan(50 * 2 ** 18);
  expect(unseen).toBeLessThan(1e6);
});

test('streams used by their handles, and streams only flushed, are counted', async () => {
  const { streams, unseen } = await ask<Rows>('drivenAndFlushed', GC);
  for (const name of ['driven', 'flushed']) {
    expect(streams[name]?.size, name).toBeGreaterThan(50 * 2 ** 18);
  }
  expect(unseen).toBeLessThan(1e6);
});

test('closed and collected streams are not live any more, but stay in the allocated totals', async () => {
  const [held, gone] = await ask<[Rows, Rows]>('closedAndDropped', GC);
  for (const name of ['close', 'drop']) {
    expect(held.streams[name]?.size, name).toBeGreaterThan(50 * 2 ** 18);
    expect(gone.streams[name], name).toMatchObject({ size: 0, count: 0, error: 0 });
    expect(gone.streams[name]?.allocatedSize, name).toBeCloseTo(held.streams[name]?.size ?? 0, -4);
  }
});

test('tracing keeps no stream alive', async () => {
  const [alive] = await ask<[number]>('aliveOfDropped', GC);
  // The last one may still be on the stack, which V8 scans.
  expect(alive).toBeLessThanOrEqual(1);
});

test('one-shot compression leaves nothing', async () => {
  const { streams, unseen } = await ask<Rows>('compressedAtOnce', GC);
  expect(streams['loop']).toMatchObject({ size: 0, count: 0 });
  expect(streams['loop']?.allocatedSize).toBeGreaterThan(1000 * (2 ** 18 + 2 ** 15));
  expect(unseen).toBeLessThan(1e6);
});

test('a closed stream can be collected while the loop that closed it still runs', async () => {
  const peak = await ask<number>('peakOfLoop');
  // Each has 16 KB of room for its output.
  expect(peak).toBeLessThan((20_000 * 16_384) / 2);
});

test('all rows add up to what V8 was told, however many streams are older than tracing', async () => {
  const [sum, told] = await ask<[number, number]>('besideOlder');
  expect(told).toBeGreaterThan(40 * 2 ** 18);
  expect(Math.abs(sum - told)).toBeLessThan(told * 0.02);
});

test('snapshots of survivors, dumps, merges and comparisons have the rows; a clear drops them', async () => {
  const sizes = await ask<Record<string, number>>('everyView');
  const { live = 0, loaded, survivors, compared, merged, cleared } = sizes;
  expect(live).toBeGreaterThan(100 * 2 ** 18);
  expect(loaded).toBeCloseTo(live, -3);
  expect(survivors).toBeCloseTo(live, -5);
  expect(compared).toBeGreaterThan(live * 0.9);
  expect(merged).toBeCloseTo(2 * live, 0);
  expect(cleared).toBe(0);
});

test('start does not load node:zlib; when the application loads it, streams are traced', async () => {
  const { loaded, streams } = await askLate<Rows & { loaded: boolean[] }>('zlibLoadedLate');
  expect(loaded).toEqual([false, true]);
  expect(streams['leak']?.count).toBe(10);
});

test('waiting for node:zlib keeps no process alive', async () => {
  const began = performance.now();
  await evaluate(async ({ tracemalloc }) => {
    tracemalloc.start();
  });
  expect(performance.now() - began).toBeLessThan(5000);
});

test('a line is mapped to the source by a source map', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'streams-'));
  try {
    const file = join(directory, 'generated.mjs');
    // Line 2 is mapped to line 10.
    const map = JSON.stringify({
      version: 3,
      sources: ['source.ts'],
      names: [],
      mappings: ';AASA',
    });
    // In one piece, Vitest would read the text as this file's own map.
    const comment = `//# source${'MappingURL'}=data:application/json;base64,${btoa(map)}`;
    const text = ["import zlib from 'node:zlib';", 'export const leak = () => zlib.createGzip();'];
    writeFileSync(file, [...text, comment].join('\n'));
    const place = await ask<[string, number]>('mappedPlace', { given: { file } });
    expect(place).toEqual([join(directory, 'source.ts'), 10]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('workers have their own streams', async () => {
  const { streams } = await ask<Rows>('inWorker');
  expect(streams['leak']?.size).toBeGreaterThan(10 * 2 ** 18 * 0.99);
});

test("tracemalloc's own streams are not shown", async () => {
  const { streams } = await ask<Rows>('ownStreams');
  expect(streams).toEqual({});
});

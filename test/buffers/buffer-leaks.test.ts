// SPDX-License-Identifier: MIT
// 200 MB leaked in each of services' usual ways: the right line, and the right bytes. With
// everything traced the figure is exact; sampled, its deviation is within its own standard errors.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { programs } from '../support/child.js';

const ask = programs<typeof import('../fixtures/buffer-leaks.mjs')>('buffer-leaks');

const MB = 1e6;
const directory = mkdtempSync(join(tmpdir(), 'buffers-'));
beforeAll(() => writeFileSync(join(directory, 'file'), Buffer.alloc(MB)));
afterAll(() => rmSync(directory, { recursive: true }));

interface Row {
  readonly name: string;
  readonly size: number;
  readonly error: number;
  readonly types: string[];
}

const run = (leak: keyof typeof NAMES, sampleInterval: number): Promise<Row[]> =>
  ask<Row[]>('leaked', {
    given: { leak, sampleInterval, file: join(directory, 'file') },
    args: ['--expose-gc'],
  });

const NAMES = {
  buffers: 'leak',
  'pool slices': 'leak',
  'zlib objects': 'leak',
  // Node reads ahead with no line of the application on the stack.
  'file chunks': 'node:internal/fs/streams',
  'request bodies': '(http body)',
};

// The size of a pool's slabs for 200 MB of slices: no slice fits in the room at their ends.
const IN_SLABS = (200 * MB * Buffer.poolSize) / (1000 * Math.floor(Buffer.poolSize / 1000));

test.each(Object.keys(NAMES) as (keyof typeof NAMES)[])('%s: interval 1', async (leak) => {
  const [first] = await run(leak, 1);
  expect(first?.name).toBe(NAMES[leak]);
  expect(first?.size).toBeGreaterThan(200 * MB * 0.99);
  expect(first?.size).toBeLessThan((leak === 'pool slices' ? IN_SLABS : 200 * MB) * 1.01);
  expect(first?.types).toEqual([leak === 'pool slices' ? 'Buffer pool' : 'ArrayBuffer']);
});

test.each(Object.keys(NAMES) as (keyof typeof NAMES)[])('%s: sampled', async (leak) => {
  const [first] = await run(leak, 64 * 1024);
  expect(first?.name).toBe(NAMES[leak]);
  const { size, error } = first as Row;
  expect(error).toBeLessThan(200 * MB * 0.1);
  const truth = leak === 'pool slices' ? IN_SLABS : 200 * MB;
  // Five standard errors: the error is an estimate, too, and low if the size is low.
  expect(Math.abs(size - truth)).toBeLessThan(5 * error);
});

test('memory that V8 reports without a traced allocation is one row, with its bytes', async () => {
  const rows = await ask<Row[]>('resizable');
  expect(rows[0]).toMatchObject({ name: '(not attributable)', error: 0, types: [] });
  expect(rows[0]?.size).toBeGreaterThan(200 * MB * 0.99);
  expect(rows[0]?.size).toBeLessThan(200 * MB * 1.01);
});

test('without such memory there is no row "(not attributable)"', async () => {
  const rows = await ask<Row[]>('olderResizable');
  expect(rows.map((row) => row.name)).not.toContain('(not attributable)');
});

test('WebAssembly memory is one row, with its bytes', async () => {
  const [first] = await ask<Row[]>('webAssembly');
  expect(first?.name).toBe('(not attributable)');
  expect(first?.size).toBeGreaterThan(20 * 160 * 65_536 * 0.99);
  expect(first?.size).toBeLessThan(20 * 160 * 65_536 * 1.01);
});

// SPDX-License-Identifier: MIT
// The traced sizes of streams, compared with what V8 is told when they are closed.
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const ask = programs<typeof import('../fixtures/stream-sizes.mjs')>('stream-sizes');

// Node 22 does not report zstd's memory to V8.
const hasZstd = Number(process.versions.node.split('.')[0]) >= 24;

interface Case {
  readonly name: string;
  readonly told: number;
  readonly truth: number;
}

test('deflate and inflate: sizes are exact', async () => {
  const cases = await ask<Case[]>('zlibStreams', { isQuiet: true });
  expect(cases).toHaveLength(32);
  // 32 bytes: the overhead of Node's own allocation of each block differs by version.
  for (const { name, told, truth } of cases) {
    expect(Math.abs(told - truth), name).toBeLessThanOrEqual(32);
  }
});

test('brotli: sizes are a lower bound, at least 0.9 of the truth for the usual window', async () => {
  const cases = await ask<Case[]>('brotli', { isQuiet: true });
  expect(cases).toHaveLength(40);
  for (const { name, told, truth } of cases) {
    expect(told, name).toBeLessThanOrEqual(truth * 1.001);
    // A smaller window is a smaller share beside the room for output, which depends on the data.
    expect(told / truth, name).toBeGreaterThan(name.includes(' 22 ') ? 0.9 : 0.6);
  }
});

test('brotli at its fastest, and inflating: sizes are a lower bound', async () => {
  const cases = await ask<Case[]>('fastBrotli', { isQuiet: true });
  for (const { name, told, truth } of cases) expect(told, name).toBeLessThanOrEqual(truth);
});

test.skipIf(!hasZstd)('zstd: exact for levels, a lower bound otherwise', async () => {
  const cases = await ask<Case[]>('zstd', { isQuiet: true });
  expect(cases).toHaveLength(11);
  for (const { name, told, truth } of cases) {
    expect(told, name).toBeLessThanOrEqual(truth * 1.001);
    if (name.startsWith('level')) expect(told, name).toBeGreaterThan(truth * 0.99);
  }
});

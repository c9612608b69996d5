// SPDX-License-Identifier: MIT
// Every way to get a Buffer is traced, under the line that used it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PACKAGE, run } from '../support/child.js';
import { PROBE } from '../support/target.js';

const directory = mkdtempSync(join(tmpdir(), 'buffers-'));
let sizes: [string, number][];
let losses: number[];

beforeAll(async () => {
  const { code, stdout, stderr } = await run(new URL('run-paths.mjs', import.meta.url), {
    env: { PACKAGE, ADDON: PROBE, FILE: join(directory, 'file') },
  });
  expect([code, stderr]).toEqual([0, '']);
  ({ sizes, losses } = JSON.parse(stdout));
});
afterAll(() => rmSync(directory, { recursive: true }));

test('each path has its own line, with its bytes', () => {
  const BYTES = 100_000;
  const expected: Record<string, number> = {
    'Buffer.from base64': (BYTES / 4) * 3,
    'Buffer.concat': 2 * BYTES,
    // The clone and the original.
    structuredClone: 2 * BYTES,
  };
  expect(sizes).toHaveLength(22);
  // Besides the result, some paths hold scratch memory until a collection.
  const scratch = /zlib|TextEncoder|readFile|cipher/;
  for (const [name, size] of sizes) {
    const bytes = expected[name] ?? BYTES;
    expect(size, name).toBeGreaterThanOrEqual(bytes);
    expect(size, name).toBeLessThanOrEqual(scratch.test(name) ? 3 * bytes : bytes + 64);
  }
});

test('no allocation was missed', () => {
  expect(losses).toEqual([0, 0, 0]);
});

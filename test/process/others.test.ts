// SPDX-License-Identifier: MIT
// Other code may use V8's sampler, too: its sampler is never stopped, and it can't break ours.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evaluate, programs } from '../support/child.js';

const ask = programs<typeof import('../fixtures/others.mjs')>('others');

test('while an inspector samples, start() throws ERR_SAMPLER_IN_USE; the inspector continues', async () => {
  const result = await ask<{
    code: string;
    tracing: boolean;
    samples: number;
    afterwards: string;
  }>('alreadySampling');
  expect(result.code).toBe('ERR_SAMPLER_IN_USE');
  expect(result.tracing).toBe(false);
  expect(result.samples).toBeGreaterThan(1000);
  expect(result.afterwards).toBe('OK');
});

test('with --heap-prof start() throws ERR_SAMPLER_IN_USE, and the file is written', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-heap-prof-'));
  try {
    const code = await evaluate(
      async ({ tracemalloc, codeOf }) => {
        return codeOf(() => tracemalloc.start());
      },
      {
        args: ['--heap-prof', `--heap-prof-dir=${directory}`],
      },
    );
    expect(code).toBe('ERR_SAMPLER_IN_USE');
    expect(readdirSync(directory).filter((name) => name.endsWith('.heapprofile'))).toHaveLength(1);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('if an inspector stops our sampler, status() says so, and nothing crashes', async () => {
  const result = await ask<{ lost: boolean[]; codes: string[]; size: number; again: boolean }>(
    'stoppedByInspector',
    { args: ['--expose-gc'] },
  );
  expect(result.lost).toEqual([false, true]);
  expect(result.codes).toEqual(['OK', 'OK']);
  expect(result.size).toBeGreaterThan(2_000_000);
  expect(result.again).toBe(false);
});

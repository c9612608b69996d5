// SPDX-License-Identifier: MIT
// Others have a right to V8's sampler too: theirs is never stopped, and they cannot hurt us.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

const INSPECTOR = `
  import { Session } from 'node:inspector';
  const session = new Session();
  session.connect();
  const post = (method, params) => new Promise((resolve, reject) =>
    session.post(method, params, (error, result) => error ? reject(error) : resolve(result)));
`;

test('an inspector that samples already: ERR_SAMPLER_IN_USE, and it goes on', async () => {
  const result = await evaluate<{
    code: string;
    tracing: boolean;
    samples: number;
    afterwards: string;
  }>(`${INSPECTOR}
    await post('HeapProfiler.startSampling', { samplingInterval: 1024 });
    const code = codeOf(() => tracemalloc.start());
    const tracing = tracemalloc.isTracing();
    globalThis.kept = Array.from({ length: 5000 }, (_, i) => new Array(100).fill(i));
    const { profile } = await post('HeapProfiler.stopSampling');
    report({ code, tracing, samples: profile.samples.length, afterwards: codeOf(() => tracemalloc.start()) });
  `);
  expect(result.code).toBe('ERR_SAMPLER_IN_USE');
  expect(result.tracing).toBe(false);
  expect(result.samples).toBeGreaterThan(1000);
  expect(result.afterwards).toBe('OK');
});

test('--heap-prof: ERR_SAMPLER_IN_USE, and its file is written', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-heap-prof-'));
  try {
    const code = await evaluate(`report(codeOf(() => tracemalloc.start()));`, {
      args: ['--heap-prof', `--heap-prof-dir=${directory}`],
    });
    expect(code).toBe('ERR_SAMPLER_IN_USE');
    expect(readdirSync(directory).filter((name) => name.endsWith('.heapprofile'))).toHaveLength(1);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('an inspector that stops our sampler: status() says so, nothing crashes', async () => {
  const result = await evaluate<{ lost: boolean[]; codes: string[]; size: number; again: boolean }>(
    `${INSPECTOR}
    tracemalloc.start({ sampleInterval: 1024 });
    globalThis.kept = Array.from({ length: 5000 }, (_, i) => new Array(100).fill(i));
    tracemalloc.takeSnapshot();
    const lost = [tracemalloc.status().lost];
    await post('HeapProfiler.stopSampling').catch(() => {});
    gc();
    for (let i = 0; i < 200000; i++) kept.push([i]);
    const codes = [codeOf(() => tracemalloc.takeSnapshot()), codeOf(() => tracemalloc.getTracedMemory())];
    lost.push(tracemalloc.status().lost);
    gc();
    tracemalloc.stop();
    tracemalloc.start({ sampleInterval: 1024 });
    kept.push(Array.from({ length: 5000 }, (_, i) => new Array(100).fill(i)));
    const size = tracemalloc.takeSnapshot().statistics('filename')[0].size;
    report({ lost, codes, size, again: tracemalloc.status().lost });
  `,
    { args: ['--expose-gc'] },
  );
  expect(result.lost).toEqual([false, true]);
  expect(result.codes).toEqual(['OK', 'OK']);
  expect(result.size).toBeGreaterThan(2_000_000);
  expect(result.again).toBe(false);
});

// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

test('nothing is loaded or traced before start()', async () => {
  const result = await evaluate(`
    const before = [tracemalloc.isTracing(), tracemalloc.getTracedMemory(), tracemalloc.getTracebackLimit(),
      tracemalloc.getTracemallocMemory(), codeOf(() => tracemalloc.takeSnapshot()),
      codeOf(() => { tracemalloc.stop(); tracemalloc.clearTraces(); tracemalloc.resetPeak(); }),
      tracemalloc.status().tracing, tracemalloc.status().engine];
    const libraries = () => process.report.getReport().sharedObjects.filter((f) => /tracemalloc.*\\.node/.test(f)).length;
    const unloaded = libraries();
    tracemalloc.start();
    report({ before, unloaded, loaded: libraries() });
  `);
  expect(result).toEqual({
    before: [false, { current: 0, peak: 0 }, 16, 0, 'ERR_NOT_TRACING', 'OK', false, ''],
    unloaded: 0,
    loaded: 1,
  });
});

test('a second start does nothing, but is still checked', async () => {
  const result = await evaluate(`
    tracemalloc.start({ tracebackLimit: 3, sampleInterval: 4096 });
    tracemalloc.start({ tracebackLimit: 9, sampleInterval: 1 });
    const { sampleInterval, tracebackLimit, tracing, versions, domains } = tracemalloc.status();
    const wrong = codeOf(() => tracemalloc.start({ tracebackLimit: 0 }));
    const still = tracemalloc.isTracing();
    tracemalloc.stop();
    tracemalloc.stop();
    report([sampleInterval, tracebackLimit, tracing, domains, versions.abi, wrong, still,
      tracemalloc.isTracing(), tracemalloc.getTracebackLimit(), codeOf(() => tracemalloc.takeSnapshot())]);
  `);
  expect(result).toEqual([
    4096,
    3,
    true,
    ['heap', 'buffer'],
    process.versions.modules,
    'ERR_INVALID_OPTION',
    true,
    false,
    3,
    'ERR_NOT_TRACING',
  ]);
});

test('start, stop, start traces anew', async () => {
  const sizes = await evaluate<number[]>(`
    const sizes = [];
    globalThis.kept = [];
    for (let round = 0; round < 3; round++) {
      tracemalloc.start({ sampleInterval: 1024 });
      for (let i = 0; i < 1000; i++) kept.push(new Array(100).fill(i));
      const row = tracemalloc.takeSnapshot().statistics('filename').find((s) => /eval/.test(String(s)));
      sizes.push(row?.size ?? 0);
      tracemalloc.stop();
    }
    report(sizes);
  `);
  for (const size of sizes) {
    expect(size).toBeGreaterThan(600_000);
    expect(size).toBeLessThan(1_100_000);
  }
});

test('what leaks is first, within its error, and garbage is not in it', async () => {
  const result = await evaluate<{
    name: string;
    size: number;
    count: number;
    sizeDiff: number;
    error: number;
    samples: number;
    text: string;
  }>(
    `
    tracemalloc.start({ sampleInterval: 2048 });
    globalThis.kept = [];
    function remember(n) { kept.push(new Array(250).fill(n)); }
    function waste(n) { return new Array(250).fill(n); }
    const before = tracemalloc.takeSnapshot();
    for (let i = 0; i < 4000; i++) { remember(i); for (let k = 0; k < 3; k++) waste(i); }
    gc();
    const snapshot = tracemalloc.takeSnapshot();
    // At function precision, code inlined into its caller is the caller's.
    const diff = snapshot.compareTo(before, snapshot.precision === 'line' ? 'function' : 'filename')[0];
    const name = snapshot.precision === 'line' ? diff.traceback.at(-1).functionName : 'remember';
    const { size, count, sizeDiff, error, samples } = diff;
    report({ name, size, count, sizeDiff, error, samples, text: String(diff) });
  `,
    { args: ['--expose-gc'] },
  );
  const truth = 4000 * (16 + 16 + 16 + 250 * 8);
  expect(result.name).toBe('remember');
  expect(result.size).toBeGreaterThan(truth * 0.85);
  expect(result.size).toBeLessThan(truth * 1.15);
  expect(result.sizeDiff).toBeGreaterThan(truth * 0.85);
  expect(result.samples).toBeGreaterThan(500);
  expect(result.error).toBeLessThan(truth * 0.1);
  expect(result.text).toMatch(/: size=[\d.]+ (K|M)iB \(\+/);
});

test("the package's own files are in no traceback", async () => {
  const own = await evaluate<{ own: string[]; traces: number }>(`
    tracemalloc.start({ sampleInterval: 1 });
    for (let i = 0; i < 20; i++) {
      const snapshot = tracemalloc.takeSnapshot();
      snapshot.statistics('traceback');
      snapshot.compareTo(snapshot, 'lineno');
      tracemalloc.status();
    }
    globalThis.kept = Array.from({ length: 100 }, () => ({}));
    const traces = tracemalloc.takeSnapshot().traces;
    const directory = new URL('.', ${JSON.stringify(new URL('../../dist/', import.meta.url).href)}).pathname;
    const own = traces.flatMap((t) => [...t.traceback]).map(String).filter((f) => f.startsWith(directory));
    report({ own, traces: traces.length });
  `);
  expect(own.own).toEqual([]);
  expect(own.traces).toBeGreaterThan(0);
});

test('an older snapshot keeps its figures and tracebacks when traces are cleared', async () => {
  const result = await evaluate<{ eager: string[]; lazy: string[]; after: string[] }>(`
    tracemalloc.start({ sampleInterval: 64 });
    globalThis.kept = [];
    function first() { kept.push(new Array(1000).fill(1)); }
    function second() { kept.push(new Array(1000).fill(2)); }
    const names = (s) => [...new Set(s.traces.flatMap((t) => [...t.traceback]).map((f) => f.functionName))]
      .filter((n) => n === 'first' || n === 'second');
    for (let i = 0; i < 200; i++) first();
    const eager = names(tracemalloc.takeSnapshot());
    const untouched = tracemalloc.takeSnapshot();
    tracemalloc.clearTraces();
    for (let i = 0; i < 200; i++) second();
    const after = names(tracemalloc.takeSnapshot());
    report({ eager, lazy: names(untouched), after });
  `);
  expect(result).toEqual({ eager: ['first'], lazy: ['first'], after: ['second'] });
});

test('clear keeps tracing; the peak stays until it is reset', async () => {
  const result = await evaluate<{
    tracing: boolean;
    peak: number;
    current: number;
    resetPeak: number;
    cleared: number;
  }>(
    `
    tracemalloc.start({ sampleInterval: 1024 });
    globalThis.kept = Array.from({ length: 2000 }, (_, i) => new Array(100).fill(i));
    tracemalloc.getTracedMemory();
    globalThis.kept = undefined;
    gc();
    const { peak, current } = tracemalloc.getTracedMemory();
    tracemalloc.resetPeak();
    const resetPeak = tracemalloc.getTracedMemory().peak;
    tracemalloc.clearTraces();
    report({ tracing: tracemalloc.isTracing(), peak, current, resetPeak, cleared: tracemalloc.getTracedMemory().peak });
  `,
    { args: ['--expose-gc'] },
  );
  expect(result.tracing).toBe(true);
  expect(result.peak).toBeGreaterThan(1_200_000);
  expect(result.current).toBeLessThan(result.peak / 2);
  expect(result.resetPeak).toBeLessThan(result.peak / 2);
  expect(result.cleared).toBeLessThan(result.peak / 2);
});

test('a damaged batch throws ERR_CORRUPT_BATCH, and the next snapshot is whole', async () => {
  const result = await evaluate<{ code: string; before: number; after: number }>(`
    import { createRequire } from 'node:module';
    const require = createRequire(${JSON.stringify(import.meta.url)});
    const file = require.resolve('../../prebuilds/' + process.platform + '-' + process.arch +
      '/tracemalloc.abi' + process.versions.modules + '.glibc.node');
    const addon = require(file);
    let damage = (batch) => batch;
    require.cache[file].exports = Object.create(addon, {
      takeBatch: { value: (sequence) => damage(addon.takeBatch(sequence)) },
    });
    tracemalloc.start({ sampleInterval: 1024 });
    globalThis.kept = Array.from({ length: 2000 }, (_, i) => new Array(100).fill(i));
    const total = () => tracemalloc.takeSnapshot().statistics('filename').reduce((sum, s) => sum + s.size, 0);
    const before = total();
    damage = (batch) => batch.slice(0, -1);
    const code = codeOf(() => tracemalloc.takeSnapshot());
    damage = (batch) => batch;
    report({ code, before, after: total() });
  `);
  expect(result.code).toBe('ERR_CORRUPT_BATCH');
  // 2000 arrays of 816 bytes are kept, less four standard errors; some of the rest may be gone.
  expect(result.before).toBeGreaterThan(1_470_000);
  expect(result.after).toBeGreaterThan(1_470_000);
});

test('can be required, without a warning', async () => {
  const result = await evaluate<string[]>(`
    import { createRequire } from 'node:module';
    const warnings = [];
    process.on('warning', (warning) => warnings.push(String(warning)));
    const required = createRequire(import.meta.url)(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).pathname)});
    await new Promise((resolve) => setImmediate(resolve));
    report([typeof required.start, ...warnings]);
  `);
  expect(result).toEqual(['function']);
});

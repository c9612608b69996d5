// SPDX-License-Identifier: MIT
// createReporter(): what it says over time, to whom, and until when.
import { expect, test } from 'vitest';
import type { Report } from '../../src/report/report.js';
import { evaluate } from '../support/child.js';
import { asReport } from '../support/report-schema.js';

const REPORTS = `
  const { start, stop, createReporter } = tracemalloc;
  const { subscribe } = await import('node:diagnostics_channel');
  const { setTimeout: sleep } = await import('node:timers/promises');
  // Of its final length at once: what it would take to grow is not what is measured.
  globalThis.kept = new Array(50000);
  let next = 0;
  const leak = (n) => { for (let i = 0; i < n; i++) kept[next++] = { i, list: [i] }; };
  const seen = [];
  const reporter = (options) => createReporter({ every: 50, logger: (report) => seen.push(report), ...options });
  const until = async (holds) => { while (!holds()) await sleep(10); };
`;

test('growth since the previous report and since the first one, in all and by site', async () => {
  const { seen, published } = await evaluate<{ seen: Report[]; published: Report[] }>(`${REPORTS}
    const published = [];
    subscribe('tracemalloc:report', (report) => published.push(report));
    start({ sampleInterval: 256 });
    leak(30000);
    reporter();
    leak(10000);
    await until(() => seen.length === 1);
    leak(5000);
    await until(() => seen.length === 2);
    await until(() => seen.length === 3);
    stop();
    report({ seen, published });
  `);
  expect(published).toEqual(seen);
  const rows = seen.map((value) => {
    const report = asReport(value);
    const [largest] = report.bySize;
    const { rows, rss, unexplained } = report.ledger!;
    expect(Object.values(rows).reduce((sum, bytes) => sum + bytes, unexplained)).toBe(rss);
    expect(rows['heap']).toBeGreaterThan(report.heapUsed / 4);
    expect(report.byGrowthSinceStart[0]?.site).toBe(largest?.site);
    return largest!;
  });
  expect(new Set(rows.map(({ site }) => site)).size).toBe(1);
  // Of 30,000 equal objects at first, 10,000, then 5,000 more; errors are about 1 %.
  const [first, second, third] = rows as [ReportRow, ReportRow, ReportRow];
  expect(Math.abs(first.sizeDiff / first.size - 10 / 40)).toBeLessThan(0.05);
  expect(first.sizeDiffSinceStart).toBe(first.sizeDiff);
  expect(Math.abs(second.sizeDiff / second.size - 5 / 45)).toBeLessThan(0.05);
  expect(Math.abs(second.sizeDiffSinceStart / second.size - 15 / 45)).toBeLessThan(0.05);
  expect(Math.abs(third.sizeDiff) / third.size).toBeLessThan(0.01);
  // Each is rounded to whole bytes.
  const since = third.sizeDiffSinceStart - second.sizeDiffSinceStart;
  expect(Math.abs(since - third.sizeDiff)).toBeLessThanOrEqual(2);
  for (const row of rows) {
    expect(row.error).toBeGreaterThan(0);
    expect(row.error / row.size).toBeLessThan(0.05);
  }
});

type ReportRow = Report['bySize'][number];

test('sites can be files, functions, or whole stacks', async () => {
  const seen = await evaluate<Record<string, Report>>(`${REPORTS}
    start({ sampleInterval: 256 });
    const byKey = {};
    for (const keyType of ['filename', 'function', 'traceback']) {
      const { stop } = reporter({ keyType, logger: (report) => { byKey[keyType] = report; } });
      leak(20000);
      await until(() => byKey[keyType]);
      stop();
    }
    report(byKey);
  `);
  const [byFile, byFunction, byStack] = ['filename', 'function', 'traceback'].map(
    (key) => asReport(seen[key]).byGrowth[0]!,
  );
  expect(byFile?.site).not.toMatch(/:\d+$/);
  expect(byFile?.function).toBe('');
  expect(byFunction).toMatchObject({ site: byFile?.site, function: 'leak' });
  expect(byStack?.traceback?.length).toBeGreaterThan(1);
  expect(byStack?.traceback?.at(-1)).toBe(byStack?.site);
});

test('stop() ends it, of the reporter or of tracing; then nothing is left', async () => {
  const counts = await evaluate<number[]>(`${REPORTS}
    start();
    const counts = [];
    for (const end of ['reporter', 'tracing']) {
      const { stop: stopReports } = reporter();
      await until(() => seen.length > 0);
      end === 'reporter' ? stopReports() : stop();
      seen.length = 0;
      await sleep(200);
      counts.push(seen.length);
    }
    report(counts);
  `);
  expect(counts).toEqual([0, 0]);
});

test('wrong options say so at the call', async () => {
  const codes = await evaluate(`${REPORTS}
    const codes = [codeOf(() => reporter())];
    start();
    for (const wrong of [{ top: 0 }, { top: '3' }, { keyType: 'line' }, { format: 'xml' },
      { logger: {} }, { logger: null }, { every: 'often' }]) codes.push(codeOf(() => reporter(wrong)));
    report(codes);
  `);
  expect(codes).toEqual(['ERR_NOT_TRACING', ...Array(7).fill('ERR_INVALID_OPTION')]);
});

test('snapshots and clears between the slices of reports disturb neither', async () => {
  const { sizes, count, errors } = await evaluate<{
    sizes: number[];
    count: number;
    errors: string[];
  }>(`${REPORTS}
    const { takeSnapshot, clearTraces } = tracemalloc;
    start({ sampleInterval: 256 });
    reporter({ every: 20 });
    const [sizes, errors, lists] = [[], [], []];
    const keepList = (length) => lists.push(new Array(length));
    // Ever new stacks, so that each report has much to prepare.
    for (let turn = 0; turn < 140; turn++) {
      const make = new Function('kept', 'return [' + Array.from({ length: 40 }, () =>
        '\\n() => { for (let i = 0; i < 20; i++) kept.push({ i, list: [i] }); }') + ']');
      for (const allocate of make(kept)) allocate();
      if (turn % 7 === 3) clearTraces();
      if (turn % 7 === 4) keepList(10000);
      if (turn % 7 === 6) {
        try {
          const isOfLists = ({ functionName }) => functionName === 'keepList';
          const traces = takeSnapshot().traces.filter(({ traceback }) =>
            traceback.frames.some(isOfLists));
          sizes.push(traces.reduce((sum, { size }) => sum + size, 0));
        } catch (error) {
          errors.push(error.message);
        }
      }
      await sleep(turn % 5);
    }
    await until(() => seen.length > 10);
    stop();
    report({ sizes, count: seen.length, errors });
  `);
  expect(errors).toEqual([]);
  expect(count).toBeGreaterThan(10);
  // The one list kept since the clear, which is sure to be sampled at this interval: neither lost nor
  // counted twice. V8 itself allocates a little below the function, such as its feedback; and of a block
  // that begins in what the one before it left, that part is the other sample's.
  expect(sizes).toHaveLength(20);
  for (const size of sizes) {
    expect(size).toBeGreaterThanOrEqual(79_000);
    expect(size).toBeLessThan(120_000);
  }
});

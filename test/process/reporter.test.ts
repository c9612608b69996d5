// SPDX-License-Identifier: MIT
// createReporter(): the contents of its reports over time, where they go, and when they end.
import { expect, test } from 'vitest';
import type { Report } from '../../src/report/report.js';
import { formatSize } from '../../src/text/size.js';
import { programs } from '../support/child.js';
import { asReport } from '../support/report-schema.js';

const ask = programs<typeof import('../fixtures/reporter.mjs')>('reporter');

test('reports have the growth since the previous and since the first one, in total and by site', async () => {
  const { seen, published } = await ask<{ seen: Report[]; published: Report[] }>('growth');
  expect(published).toEqual(seen);
  const rows = seen.map((value) => {
    const report = asReport(value);
    const [largest] = report.sites;
    const { rows, rss, unexplained } = report.ledger!;
    expect(Object.values(rows).reduce((sum, bytes) => sum + bytes, unexplained)).toBe(rss);
    expect(rows['heap']).toBeGreaterThan(report.heapUsed / 4);
    expect(report.level).toBe('info');
    const since = formatSize(largest!.sizeDiffSinceStart, { signed: true });
    expect(report.msg).toContain(`; most growth: ${since} `);
    expect(report.msg).toContain(` at ${largest!.site} (leak)`);
    return largest!;
  });
  expect(new Set(rows.map(({ site }) => site)).size).toBe(1);
  // 30,000 equal objects at first, then 10,000 and 5,000 more; errors are about 1 %.
  const [first, second, third] = rows as [ReportRow, ReportRow, ReportRow];
  expect(Math.abs(first.sizeDiff / first.size - 10 / 40)).toBeLessThan(0.05);
  expect(first.sizeDiffSinceStart).toBe(first.sizeDiff);
  expect(first.countDiffSinceStart).toBe(first.countDiff);
  expect(Math.abs(second.sizeDiff / second.size - 5 / 45)).toBeLessThan(0.05);
  expect(Math.abs(second.sizeDiffSinceStart / second.size - 15 / 45)).toBeLessThan(0.05);
  expect(Math.abs(third.sizeDiff) / third.size).toBeLessThan(0.01);
  // Each is rounded to whole bytes.
  const since = third.sizeDiffSinceStart - second.sizeDiffSinceStart;
  expect(Math.abs(since - third.sizeDiff)).toBeLessThanOrEqual(2);
  for (const row of rows) {
    // Two objects of equal size for each step, so counts and sizes grow alike.
    const ofCount = row.countDiffSinceStart / row.count;
    expect(Math.abs(ofCount - row.sizeDiffSinceStart / row.size)).toBeLessThan(0.05);
    expect(row.error).toBeGreaterThan(0);
    expect(row.error / row.size).toBeLessThan(0.05);
  }
});

type ReportRow = Report['sites'][number];

test('sites can be files, functions, or whole stacks', async () => {
  const seen = await ask<Record<string, Report>>('keyTypes');
  const [byFile, byFunction, byStack] = ['filename', 'function', 'traceback'].map(
    (key) => asReport(seen[key]).sites.toSorted((a, b) => b.sizeDiff - a.sizeDiff)[0]!,
  );
  expect(byFile?.site).not.toMatch(/:\d+$/);
  expect(byFile?.function).toBe('');
  expect(byFunction).toMatchObject({ site: byFile?.site, function: 'leak' });
  expect(byStack?.traceback?.length).toBeGreaterThan(1);
  expect(byStack?.traceback?.at(-1)).toBe(byStack?.site);
});

test("the reporter's stop() and tracing's stop() end the reports, and leave nothing behind", async () => {
  const counts = await ask<number[]>('ended');
  expect(counts).toEqual([0, 0]);
});

test('wrong options throw at the call', async () => {
  const codes = await ask('wrongOptions');
  expect(codes).toEqual(['ERR_NOT_TRACING', ...Array(8).fill('ERR_INVALID_OPTION')]);
});

test('snapshots and clears between the slices of a report leave all figures right', async () => {
  const { sizes, count, errors } = await ask<{
    sizes: number[];
    count: number;
    errors: string[];
  }>('clearedBetweenSlices');
  expect(errors).toEqual([]);
  expect(count).toBeGreaterThan(10);
  // The one list kept since the clear is certainly sampled at this interval: it is neither lost nor
  // counted twice. V8 itself allocates a little in the function, such as its feedback; and if a
  // block begins in the rest of the previous one, that part belongs to the other sample.
  expect(sizes).toHaveLength(20);
  for (const size of sizes) {
    expect(size).toBeGreaterThanOrEqual(79_000);
    expect(size).toBeLessThan(120_000);
  }
});

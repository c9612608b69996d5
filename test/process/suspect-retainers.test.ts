// SPDX-License-Identifier: MIT
// With TRACEMALLOC_RETAINERS=suspects reports tell what holds the objects of suspects.
import { expect, test } from 'vitest';
import { formatReport } from '../../src/report/report-text.js';
import { REGISTER, run } from '../support/child.js';
import { lineOf } from '../support/line-of.js';
import { asReport, reportsOf } from '../support/report-schema.js';

const PROGRAM = new URL('../fixtures/suspect-retainers.mjs', import.meta.url);

test('a program that ends does not wait for a search', async () => {
  const { code, stderr } = await run(
    new URL('../fixtures/ends-while-searching.mjs', import.meta.url),
    {
      args: ['--expose-gc', '--require', REGISTER],
      env: {
        TRACEMALLOC: '1',
        TRACEMALLOC_SAMPLE_INTERVAL: '4KiB',
        TRACEMALLOC_REPORT_EVERY: '20ms',
        TRACEMALLOC_REPORT_AT_EXIT: '1',
        TRACEMALLOC_RETAINERS: 'suspects',
      },
    },
  );
  expect({ code }).toEqual({ code: 0 });
  const last = reportsOf(stderr).at(-1);
  expect(last?.suspects).not.toEqual([]);
  expect(last?.suspects.some((row) => 'retainers' in row)).toBe(false);
});

test('the report after a search has what holds the suspect, by names; others have nothing', async () => {
  const { code, stdout, stderr } = await run(PROGRAM, {
    args: ['--expose-gc', '--require', REGISTER],
    env: {
      TRACEMALLOC: '1',
      TRACEMALLOC_SAMPLE_INTERVAL: '512B',
      TRACEMALLOC_REPORT_EVERY: '20ms',
      TRACEMALLOC_RETAINERS: 'suspects',
    },
  });
  expect({ code }).toEqual({ code: 0 });
  const report = asReport(JSON.parse(stdout));
  const suspect = report.suspects.find(({ retainers }) => retainers !== undefined);
  expect(suspect).toMatchObject({
    site: expect.stringMatching(
      new RegExp(`/suspect-retainers\\.mjs:${lineOf(PROGRAM, 'session')}$`),
    ),
    state: 'growing',
  });
  const { paths = [], samples = 0, ...found } = suspect?.retainers ?? {};
  expect(found).toMatchObject({ end: 'complete' });
  expect(samples).toBeGreaterThan(1);
  expect(paths[0]?.steps.slice(0, 2)).toEqual([
    expect.stringMatching(/^variable `sessions` of module .*suspect-retainers\.mjs$/),
    'Map [entry]',
  ]);
  expect(formatReport(report)).toMatch(
    /\n {6}held by, at \S+:\n {8}variable `sessions` of module .*\n {10}→ Map \[entry\]/,
  );
  // All lines of stderr are reports, of which those before the search have nothing.
  const earlier = reportsOf(stderr).filter(({ time }) => time < report.time);
  expect(earlier.flatMap(({ suspects }) => suspects).some((row) => 'retainers' in row)).toBe(false);
});

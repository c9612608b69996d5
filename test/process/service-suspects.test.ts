// SPDX-License-Identifier: MIT
// In real services under load, the sites that leak are suspects, and no others.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Report } from '../../src/report/report.js';
import { programs, REGISTER, run } from '../support/child.js';
import { reportsOf } from '../support/report-schema.js';

const ask = programs<typeof import('../fixtures/young-suspects.mjs')>('young-suspects');

const SERVICE = new URL('../fixtures/services/memory.cjs', import.meta.url);
const SECONDS = 14;
const ON = {
  TRACEMALLOC: '1',
  TRACEMALLOC_SAMPLE_INTERVAL: '64KiB',
  TRACEMALLOC_REPORT_EVERY: '200ms',
};

async function reports(behaviour: string, args: string[]): Promise<Report[]> {
  const argv = `process.argv.splice(1, 0, 'memory', ${JSON.stringify(behaviour)}, '${SECONDS}');`;
  const outcome = await run(`${argv} await import(${JSON.stringify(SERVICE.href)});`, {
    args: [...args, '--require', REGISTER],
    env: ON,
  });
  expect(outcome).toMatchObject({ code: 0, signal: null });
  return reportsOf(outcome.stderr);
}

const lineOf = (text: string) => {
  const path = fileURLToPath(SERVICE);
  const lines = readFileSync(path, 'utf8').split('\n');
  return `${path}:${lines.findIndex((line) => line.includes(text)) + 1}`;
};
const RECORD = lineOf('const record =');
const states = (all: Report[], site: string) =>
  all
    .map(({ suspects }) => suspects.find((row) => row.site === site)?.suspect?.state)
    .filter((state, i, list) => i === 0 || state !== list[i - 1]);

test('a leak is suspect until the end; one that ends is, and then says that it is flat', async () => {
  const [leak, ended] = await Promise.all([
    reports('leak', ['--expose-gc']),
    reports('leak that ends', ['--expose-gc']),
  ]);
  expect(states(leak, RECORD).slice(0, 2)).toEqual([undefined, 'growing']);
  const [row] = leak.at(-1)!.suspects;
  expect(row).toMatchObject({ site: RECORD, function: 'record', suspect: { state: 'growing' } });
  expect(row!.suspect!.bytesPerHour).toBeGreaterThan(0);
  expect(Date.parse(row!.suspect!.since)).toBeLessThan(Date.parse(leak.at(-1)!.time));

  expect(states(ended, RECORD).slice(0, 3)).toEqual([undefined, 'growing', 'flat']);
});

test('ever more objects, all of them new, are no suspect: that is traffic', async () => {
  const { precision, sessions, leak } = await ask<{
    precision: string;
    sessions: (string | undefined)[];
    leak: (string | undefined)[];
  }>('risingTraffic', { args: ['--expose-gc'] });
  if (precision !== 'line') return; // nobody knows the ages
  expect(leak).toContain('growing');
  // The first few reports are the beginning, when nothing has ended yet.
  expect(sessions.slice(30)).not.toContain('growing');
});

// The fixture collects at each report if it can. Else V8 does every few seconds, which is longer than
// the blocks of so short a run: garbage of one of the thirty sites may rise by chance in all six.
test.each([
  ['--expose-gc', 0],
  ['--no-expose-gc', 1],
])(
  'what a service has that does not leak is no suspect: a full cache, a pool, a batch (%s)',
  async (gc, most) => {
    const behaviours = ['cache', 'pool', 'sawtooth'];
    const all = await Promise.all(behaviours.map((behaviour) => reports(behaviour, [gc])));
    const growing = all.flat().flatMap(({ suspects }) => suspects);
    const tested = all.flat().reduce((sum, { bySize }) => sum + bySize.length, 0);
    console.log(`${growing.length} false alarms in ${tested} rows of ${all.flat().length} reports`);
    expect(new Set(growing.map(({ site }) => site)).size).toBeLessThanOrEqual(most);
  },
);

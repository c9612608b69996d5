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
    .map(({ suspects }) => suspects.find((row) => row.site === site)?.state)
    .filter((state, i, list) => i === 0 || state !== list[i - 1]);

test('a leak stays a suspect until the end; one that stops is a suspect, then is shown as flat', async () => {
  const [leak, ended] = await Promise.all([
    reports('leak', ['--expose-gc']),
    reports('leak that ends', ['--expose-gc']),
  ]);
  expect(states(leak, RECORD).slice(0, 2)).toEqual([undefined, 'growing']);
  const [row] = leak.at(-1)!.suspects;
  expect(row).toMatchObject({ site: RECORD, function: 'record', state: 'growing' });
  expect(leak.at(-1)).toMatchObject({
    level: 'warn',
    msg: expect.stringContaining(`; suspects: ${RECORD} (record) growing by +`),
  });
  expect(leak.at(-1)!.sites.map(({ site }) => site)).toContain(RECORD);
  expect(row!.bytesPerHour).toBeGreaterThan(0);
  expect(Date.parse(row!.since)).toBeLessThan(Date.parse(leak.at(-1)!.time));

  expect(states(ended, RECORD).slice(0, 3)).toEqual([undefined, 'growing', 'flat']);
});

test('requests that listeners keep alive are suspects, with what to look for', async () => {
  const suspects = (await reports('listeners', ['--expose-gc'])).flatMap(
    (report) => report.suspects,
  );
  const ofNode = suspects.find(({ site, sum }) => site === 'node:http' && sum);
  expect(ofNode).toMatchObject({
    sum: 'module',
    hint: expect.stringMatching(/look for listeners and closures/),
  });
});

test('a growing number of objects that are all new is traffic, no suspect', async () => {
  const { precision, sessions, leak } = await ask<{
    precision: string;
    sessions: (string | undefined)[];
    leak: (string | undefined)[];
  }>('risingTraffic', { args: ['--expose-gc'] });
  if (precision !== 'line') return; // ages are unknown
  expect(leak).toContain('growing');
  // In the first reports no session has ended yet.
  expect(sessions.slice(30)).not.toContain('growing');
});

// The fixture collects at each report if it can. Otherwise V8 collects every few seconds, which is
// longer than the test's blocks in so short a run: the garbage of one of the thirty sites may rise
// in all six blocks by chance.
test.each([
  ['--expose-gc', 0],
  ['--no-expose-gc', 1],
])(
  'services that do not leak have no suspects: a full cache, a pool, a batch (%s)',
  async (gc, most) => {
    const behaviours = ['cache', 'pool', 'sawtooth'];
    const all = await Promise.all(behaviours.map((behaviour) => reports(behaviour, [gc])));
    const growing = all.flat().flatMap(({ suspects }) => suspects);
    const tested = all.flat().reduce((sum, { sites }) => sum + sites.length, 0);
    console.log(`${growing.length} false alarms in ${tested} rows of ${all.flat().length} reports`);
    expect([...new Set(growing.map(({ site }) => site))].slice(most)).toEqual([]);
  },
);

// SPDX-License-Identifier: MIT
// Reports at a signal and at the end; a service ends as it would without them.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { REGISTER, run } from '../support/child.js';
import { assertReport } from '../support/report-schema.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const ON = { TRACEMALLOC: '1', TRACEMALLOC_SAMPLE_INTERVAL: '4KiB', TRACEMALLOC_REPORT_EVERY: '0' };
const LAST = { ...ON, TRACEMALLOC_REPORT_AT_EXIT: '1' };
const SERVICE = new URL('../fixtures/on-demand.mjs', import.meta.url);
const service = (way: string, env: Record<string, string> = {}, more: object = {}) =>
  run(SERVICE, { args: ['--require', REGISTER], argv: [way], env, ...more });
const reports = (stderr: string) =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('{"name":"tracemalloc"'))
    .map((line) => {
      const report = JSON.parse(line);
      assertReport(report);
      return report;
    });

test('each signal causes a report and a dump, and the service continues', async () => {
  const dumps = join(directory, 'made', 'for it');
  const env = { ...ON, TRACEMALLOC_SIGNAL: 'SIGUSR2', TRACEMALLOC_DIR: dumps };
  const { code, stdout, stderr } = await service('is signalled', env);
  expect([code, stdout]).toEqual([0, 'served\n']);
  const made = reports(stderr);
  expect(made).toHaveLength(2);
  expect(made[0].sites[0].sizeDiff).toBeGreaterThan(500_000);
  const kept = made[1].sites.find(({ site }: { site: string }) => /on-demand\.mjs/.test(site));
  expect(kept.size).toBeGreaterThan(500_000);
  expect(kept.sizeDiff).toBeLessThan(100_000);
  const files = readdirSync(dumps).sort();
  expect(files).toHaveLength(2);
  expect(files[0]).toMatch(/^tracemalloc-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z-\d+-0\.pb\.gz$/);
  const { timestamp, process } = await Snapshot.load(join(dumps, files[1]!));
  expect(new Date(timestamp).toISOString()).toBe(made[1].time);
  expect(process.pid).toBe(made[1].pid);
});

test('without a directory there is no file, without a signal no listener', async () => {
  const env = { ...ON, TRACEMALLOC_SIGNAL: 'SIGUSR2' };
  const asked = await service('is signalled', env, { cwd: directory });
  expect(reports(asked.stderr)).toHaveLength(2);
  expect(readdirSync(directory).filter((name) => name.includes('.pb'))).toEqual([]);
  expect(await service('is signalled', ON)).toMatchObject({ signal: 'SIGUSR2', stderr: '' });
  const listening = await service('listeners', ON);
  expect(listening.stdout).toMatch(/^0,0,0,0$/m);
});

test('a dump that cannot be written causes one line, and the service continues', async () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  const env = { ...ON, TRACEMALLOC_SIGNAL: 'SIGUSR2', TRACEMALLOC_DIR: file };
  const { code, stdout, stderr } = await service('is signalled', env);
  expect([code, stdout]).toEqual([0, 'served\n']);
  expect(reports(stderr)).toHaveLength(2);
  expect(stderr.match(/^tracemalloc: no dumps: .*$/gm)).toHaveLength(1);
  expect(stderr.match(/^tracemalloc: can't write the snapshot to .*ENOTDIR.*$/gm)).toHaveLength(2);
});

test.each([
  { way: 'a normal end', end: { code: 0, signal: null } },
  { way: 'process.exit', end: { code: 3, signal: null } },
  { way: 'an exit code', end: { code: 4, signal: null } },
  { way: 'an uncaught error', end: { code: 1, signal: null } },
  { way: 'SIGTERM', end: { code: null, signal: 'SIGTERM' } },
  { way: 'SIGINT', end: { code: null, signal: 'SIGINT' } },
  {
    way: 'SIGTERM that the service handles',
    end: { code: 7, signal: null, stdout: 'bye\n' },
  },
  {
    way: 'SIGTERM that the service ignores',
    end: { code: 0, signal: null, stdout: 'no\n' },
  },
])('$way: same end as untraced, after one report', async ({ way, end }) => {
  expect(await service(way)).toMatchObject(end);
  const outcome = await service(way, LAST);
  expect(outcome).toMatchObject(end);
  const made = reports(outcome.stderr);
  expect(made).toHaveLength(1);
  expect(made[0].sites[0].size).toBeGreaterThan(500_000);
});

test('the last report says which kind of memory made the process grow', async () => {
  const { stderr } = await service('much in buffers', LAST);
  expect(reports(stderr)[0].ledger.diagnosis).toMatch(/ is Buffers and ArrayBuffers$/);
});

test('there is no last report unless requested', async () => {
  expect(await service('a normal end', ON)).toMatchObject({ code: 0, stderr: '' });
});

test('a worker reports its own end', async () => {
  const { code, stderr } = await service('a worker', LAST);
  expect(code).toBe(0);
  expect(reports(stderr).map((report) => report.threadId)).toEqual([1, 0]);
});

test("ten listeners of the service's own cause no MaxListenersExceededWarning", async () => {
  const { stderr } = await service('ten listeners', LAST);
  expect(stderr).not.toContain('MaxListenersExceededWarning');
});

// SPDX-License-Identifier: MIT
// Processes and workers that run out of heap report why, and end as they would without tracing.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { type ChildOptions, PACKAGE, REGISTER, run } from '../support/child.js';
import { assertReport } from '../support/report-schema.js';
import { goPprof, withGo } from '../support/tools.js';

let directory: string;
let script: string;
let dumps: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
  // V8 names an ES module by its URL; a report by its path.
  mkdirSync(join(directory, 'à b%41'));
  script = join(directory, 'à b%41', 'exhausts.mjs');
  copyFileSync(new URL('../fixtures/exhausts.mjs', import.meta.url), script);
});
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => {
  dumps = mkdtempSync(join(directory, 'dumps-'));
});

const ON = { TRACEMALLOC: '1', TRACEMALLOC_SAMPLE_INTERVAL: '64KiB' };
const exhaust = (env: Record<string, string>, { args = [], ...more }: ChildOptions = {}) =>
  run(pathToFileURL(script), {
    ...more,
    args: ['--require', REGISTER, '--max-old-space-size=64', ...args],
    env,
  });
const ours = (stderr: string) =>
  stderr.split('\n').filter((line) => /^(tracemalloc:|\{"name":"tracemalloc")/.test(line));
const LINE = 10;

test('a process ends as it would untraced, after one report and one dump that name the line', async () => {
  const without = await exhaust({});
  const outcome = await exhaust({ ...ON, TRACEMALLOC_DIR: dumps });
  expect([outcome.code, outcome.signal]).toEqual([without.code, without.signal]);
  expect(outcome.signal).toBe('SIGABRT');
  expect(outcome.stderr).toContain('JavaScript heap out of memory');
  const [line, ...others] = ours(outcome.stderr);
  expect(others).toEqual([]);
  const report = JSON.parse(line!);
  assertReport(report);
  const [dump, ...more] = readdirSync(dumps);
  expect(more).toEqual([]);
  const path = join(dumps, dump!);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(report).toMatchObject({
    name: 'tracemalloc',
    version: 1,
    level: 'error',
    event: 'heap-limit',
    threadId: 0,
    precision: 'line',
    sampleInterval: 65536,
    heapLimit: 64 * 1024 * 1024,
    dump: path,
  });
  expect(Math.abs(Date.parse(report.time) - Date.now())).toBeLessThan(60_000);
  expect(report.rss).toBeGreaterThan(report.heapUsed);
  const [largest] = report.sites;
  expect(largest).toMatchObject({ site: `${script}:${LINE}`, domain: 'heap' });
  expect(report.msg).toMatch(/^tracemalloc: near the heap limit of 64\.0 MiB: rss .*; largest: /);
  expect(report.msg.endsWith(` at ${largest.site}`)).toBe(true);
  expect(Math.abs(largest.size - report.heapUsed)).toBeLessThan(
    5 * largest.error + 16 * 1024 * 1024,
  );

  const snapshot = await Snapshot.load(path);
  expect(snapshot.process.pid).toBe(report.pid);
  expect(snapshot.process.memoryUsage.heapUsed).toBe(report.heapUsed);
  const found = snapshot.statistics('lineno')[0]!;
  expect(String(found.traceback)).toBe(largest.site);
  expect([found.size, found.count, found.samples, found.error].map(Math.round)).toEqual([
    largest.size,
    largest.count,
    largest.samples,
    largest.error,
  ]);
});

test('go tool pprof opens its dump', withGo, async () => {
  await exhaust({ ...ON, TRACEMALLOC_DIR: dumps });
  const [dump] = readdirSync(dumps);
  const top = await goPprof('-top', '-lines', join(dumps, dump!));
  expect(top).toContain(`exhausts.mjs:${LINE}`);
});

test('a worker ends as it would untraced, and its report has its thread id', async () => {
  const without = await exhaust({}, { argv: ['worker'] });
  const outcome = await exhaust({ ...ON, TRACEMALLOC_DIR: dumps }, { argv: ['worker'] });
  expect(without).toMatchObject({ code: 0, stdout: 'ERR_WORKER_OUT_OF_MEMORY\n1\n' });
  expect(outcome).toMatchObject({ code: 0, stdout: without.stdout });
  const [line, ...others] = ours(outcome.stderr);
  expect(others).toEqual([]);
  const report = JSON.parse(line!);
  assertReport(report);
  expect(report).toMatchObject({ event: 'heap-limit', threadId: 1 });
  expect(report.sites[0].site).toBe(`${script}:${LINE}`);
  expect(readdirSync(dumps)).toHaveLength(1);
});

test('a process can continue at the raised limit; functions unresolved until then get their names', async () => {
  // A large new space may hold more than the limit is raised by.
  const outcome = await exhaust(
    { ...ON, TRACEMALLOC_DIR: dumps },
    { args: ['--max-semi-space-size=1'], argv: ['survive', PACKAGE] },
  );
  expect(outcome).toMatchObject({ code: 0, stdout: `remember (${script})\n` });
  expect(JSON.parse(ours(outcome.stderr)[0]!).sites[0].function).toBe('(unresolved)');
});

test("Node's own heap snapshot near the limit is still written", async () => {
  // V8 calls Node only if it runs on at the limit that we return: a large new space needs more.
  const sizes = ['--min-semi-space-size=64', '--max-semi-space-size=64'];
  const outcome = await exhaust(ON, {
    args: ['--heapsnapshot-near-heap-limit=1', ...sizes],
    argv: ['in turns'],
    cwd: dumps,
  });
  expect(ours(outcome.stderr)).toHaveLength(1);
  expect(outcome.signal).toBe('SIGABRT');
  expect(readdirSync(dumps)).toEqual([expect.stringMatching(/\.heapsnapshot$/)]);
});

test('the report is text if requested; turned off, there is none', async () => {
  const { stderr } = await exhaust({ ...ON, TRACEMALLOC_FORMAT: 'text', TRACEMALLOC_TOP: '1' });
  expect(stderr).toMatch(
    /^tracemalloc: near the heap limit of 64\.0 MiB: rss .*\n sites, line precision:\n {2}#1: .*exhausts\.mjs:10: size=\d\d\.\d MiB, count=\d+\n/m,
  );
  expect(stderr).not.toContain('#2');
  const off = await exhaust({ ...ON, TRACEMALLOC_HEAP_LIMIT: '0', TRACEMALLOC_DIR: dumps });
  expect([ours(off.stderr), off.signal]).toEqual([[], 'SIGABRT']);
  expect(readdirSync(dumps)).toEqual([]);
});

test('with a missing directory, a full disk, or a full or closed stderr it ends as it would untraced', async () => {
  const file = join(dumps, 'file');
  openSync(file, 'w');
  const gone = await exhaust({ ...ON, TRACEMALLOC_DIR: file });
  expect(gone.signal).toBe('SIGABRT');
  expect(ours(gone.stderr).at(-1)).toMatch(/^tracemalloc: can't write .*\.pb: Not a directory$/);

  // A limit of 512 bytes per file: writing more fails, as on a full disk.
  const shell = `ulimit -f 1; exec "$@"`;
  const argv = ['--require', REGISTER, '--max-old-space-size=64', script];
  const start = (stderr: 'pipe' | number) =>
    spawnSync('/bin/sh', ['-c', shell, 'sh', process.execPath, ...argv], {
      env: { ...ON, TRACEMALLOC_DIR: dumps, PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', stderr],
      timeout: 40_000,
    });
  const full = start('pipe');
  expect(full.signal).toBe('SIGABRT');
  expect(ours(full.stderr.toString()).at(-1)).toMatch(/: File too large$/);
  expect(readdirSync(dumps)).toEqual(['file']);

  expect(start(openSync('/dev/full', 'w')).signal).toBe('SIGABRT');
  expect((await exhaust(ON, { closeStderr: true })).signal).toBe('SIGABRT');
});

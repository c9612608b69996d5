// SPDX-License-Identifier: MIT
// A process that is killed for its memory has said before who holds it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { REGISTER, run } from '../support/child.js';
import { INHERITED } from '../support/environment.js';
import { lineOf } from '../support/line-of.js';
import { reportsOf } from '../support/report-schema.js';

const FIXTURE = new URL('../fixtures/grows-to-limit.mjs', import.meta.url);
const LIMIT = 256 * 2 ** 20;
const ON = { TRACEMALLOC: '1', TRACEMALLOC_REPORT_EVERY: '0' };
const siteOf = (what: string) => `${fileURLToPath(FIXTURE)}:${lineOf(FIXTURE, what)}`;

/** A control group of version 1 or 2 below this process's own; undefined: none can be made. */
function makeGroup(): string | undefined {
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const isUnified = controllers === '';
    if (path === undefined || !(isUnified || controllers === 'memory')) continue;
    const group = join('/sys/fs/cgroup', isUnified ? '' : 'memory', path, `test-${process.pid}`);
    const limit = join(group, isUnified ? 'memory.max' : 'memory.limit_in_bytes');
    try {
      mkdirSync(group);
      if (existsSync(limit)) {
        writeFileSync(limit, String(LIMIT));
        return group;
      }
      rmdirSync(group);
    } catch {
      // It may not be written to.
    }
  }
  return undefined;
}

let group: string | undefined;
let directory: string;
beforeAll(() => {
  group = makeGroup();
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-limit-'));
});
afterAll(() => {
  if (group !== undefined) rmdirSync(group);
  rmSync(directory, { recursive: true });
});

/** Runs the program in the group until the kernel kills it; returns what it wrote to stderr. */
async function killedByKernel(groupPath: string, args: string[], env = {}): Promise<string> {
  const script = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
  const node = [process.execPath, '--max-old-space-size=2000', '--require', REGISTER];
  const program = [...node, fileURLToPath(FIXTURE), ...args];
  const child = spawn('sh', ['-c', script, groupPath, ...program], {
    env: { ...INHERITED, ...ON, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  const stderr = await text(child.stderr);
  expect(await exited).toEqual([null, 'SIGKILL']);
  return stderr;
}

test.each([
  ['heap', 'turning'],
  ['buffers', 'turning'],
  ['heap', 'blocked'],
  ['buffers', 'blocked'],
  ['heap', 'workers'],
  ['buffers', 'workers'],
])('%s, %s: the kernel kills it after reports that name the line', async (what, how) => {
  // With a given limit, where no group can be made, the program kills itself.
  const stderr =
    group === undefined
      ? (
          await run(FIXTURE, {
            args: ['--require', REGISTER],
            argv: [what, how, String(LIMIT)],
            env: { ...ON, TRACEMALLOC_MEMORY_LIMIT: String(LIMIT) },
          })
        ).stderr
      : await killedByKernel(group, [what, how]);
  const reports = reportsOf(stderr);
  expect(reports.length).toBeGreaterThan(0);
  const named = reports.filter(({ sites }) => sites.some(({ site }) => site === siteOf(what)));
  const last = named.at(-1);
  expect(last).toMatchObject({ level: 'error', event: 'memory-limit', memoryLimit: LIMIT });
  expect([80, 90, 95]).toContain(last?.percent);
  expect(last?.memoryUsed).toBeGreaterThan(LIMIT * 0.79);
  expect(last?.ledger?.rss).toBeGreaterThan(LIMIT * 0.5);
  // Most of what it holds is told, of all threads together.
  const newest = new Map(named.map((report) => [report.threadId, report]));
  const held = [...newest.values()].flatMap(({ sites }) => sites);
  const size = held.filter(({ site }) => site === siteOf(what)).reduce((sum, s) => sum + s.size, 0);
  expect(size).toBeGreaterThan(LIMIT * (how === 'workers' ? 0.1 : 0.4));
});

test('each mark once; a dump beside each report; text where it is asked for', async () => {
  const { stderr } = await run(FIXTURE, {
    args: ['--require', REGISTER],
    argv: ['heap', 'turning', String(LIMIT)],
    env: {
      ...ON,
      TRACEMALLOC_MEMORY_LIMIT: '256MiB',
      TRACEMALLOC_MEMORY_MARKS: '50,60',
      TRACEMALLOC_FORMAT: 'text',
      TRACEMALLOC_DIR: directory,
    },
  });
  const heads = stderr.match(/^tracemalloc: .* of the memory limit.*$/gm) ?? [];
  expect(heads.map((head) => head.slice(0, 64))).toEqual(
    [
      'tracemalloc: 50 % of the memory limit of 256 MiB passed: used 12',
      'tracemalloc: 60 % of the memory limit of 256 MiB passed: used 15',
    ].map((head) => expect.stringContaining(head.slice(0, 60))),
  );
  const dumps = readdirSync(directory).filter((name) => name.endsWith('.pb.gz'));
  expect(dumps).toHaveLength(2);
  const snapshot = await Snapshot.load(join(directory, dumps.sort()[0]!));
  expect(String(snapshot.statistics('lineno')[0]?.traceback)).toBe(siteOf('heap'));
});

test('native code keeps the thread: a line says so, and the report follows', async () => {
  const { stderr } = await run(FIXTURE, {
    args: ['--require', REGISTER],
    argv: ['buffers', 'native', String(LIMIT), join(directory, 'go on')],
    env: { ...ON, TRACEMALLOC_MEMORY_LIMIT: String(LIMIT), TRACEMALLOC_MEMORY_MARKS: '50' },
  });
  const [silent, report, ...others] = reportsOf(stderr);
  expect(others).toEqual([]);
  expect(silent?.msg).toContain('native code keeps every thread busy');
  expect(silent).not.toHaveProperty('sites');
  expect(report).toMatchObject({
    event: 'memory-limit',
    percent: 50,
    memoryUsed: silent?.memoryUsed,
  });
});

test('a new call replaces the one before, whose end then ends nothing; tracing that begins again is heard', async () => {
  const { stdout, stderr } = await run(new URL('../fixtures/limits-replaced.mjs', import.meta.url));
  expect(stdout).not.toBe('');
  expect(reportsOf(stderr).map(({ percent }) => percent)).toEqual([80]);
});

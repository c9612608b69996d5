// SPDX-License-Identifier: MIT
// One snapshot of all threads of a process, whatever the threads are doing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Report } from '../../src/report/report.js';
import { programs, REGISTER } from '../support/child.js';
import { INHERITED } from '../support/environment.js';
import { asReport } from '../support/report-schema.js';

const asking = programs<typeof import('../fixtures/process-snapshot/programs.mjs')>(
  'process-snapshot/programs',
);
const ON = { TRACEMALLOC: '1', TRACEMALLOC_SAMPLE_INTERVAL: '1KiB', TRACEMALLOC_REPORT_EVERY: '0' };
const TRACED = { args: ['--require', REGISTER], env: ON, isQuiet: true } as const;

test('it contains the memory of all workers, each counted once', async () => {
  const { threads, silentThreads, keep, own, ids, ages } = await asking<{
    threads: number[];
    silentThreads: number[];
    keep: number;
    own: number;
    ids: number[];
    ages: Record<'mean' | 'oldest' | 'least' | 'most', number> & { ageless: unknown };
  }>('allWorkers', TRACED);
  expect(threads).toEqual([0, ...ids]);
  expect(silentThreads).toEqual([]);
  expect(own).toBe(0);
  // 60,000 objects with an array of one element: about 80 bytes on Node 20 to 26, one word more or
  // less each.
  expect(keep).toBeGreaterThan(60_000 * 60);
  expect(keep).toBeLessThan(60_000 * 110);
  // All of it was allocated before the workers said so; ages are up to 0.1 s too high.
  expect(ages.mean).toBeGreaterThan(ages.least);
  expect(ages.oldest).toBeGreaterThanOrEqual(ages.mean);
  expect(ages.oldest).toBeLessThan(ages.most + 0.1);
  expect(ages.ageless).toBeNull();
});

const WORKER = fileURLToPath(new URL('../fixtures/process-snapshot/worker.cjs', import.meta.url));
const keepLine =
  readFileSync(WORKER, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes('list: [i]')) + 1;

test('threads that wait in Atomics.wait() or compute are in it', async () => {
  const { threads, silentThreads, size, place, ids } = await asking<{
    threads: number[];
    silentThreads: number[];
    size: number;
    place: string;
    ids: number[];
  }>('waitingAndComputing', TRACED);
  expect({ threads, silentThreads }).toEqual({ threads: [0, ...ids], silentThreads: [] });
  // As above, of two threads.
  expect(size).toBeGreaterThan(40_000 * 60);
  expect(size).toBeLessThan(40_000 * 110);
  expect(place).toBe(`${WORKER}:${keepLine}`);
});

test('such threads report, too', async () => {
  const program = new URL('../fixtures/process-snapshot/never-turning.mjs', import.meta.url);
  const child = spawn(process.execPath, ['--require', REGISTER, fileURLToPath(program)], {
    env: { ...INHERITED, ...ON, TRACEMALLOC_REPORT_EVERY: '400ms' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const [first] = await once(createInterface(child.stdout), 'line');
  const reportsOf = new Map((JSON.parse(first) as number[]).map((id) => [id, [] as Report[]]));
  for await (const line of createInterface(child.stderr)) {
    const report = asReport(JSON.parse(line));
    reportsOf.get(report.threadId)?.push(report);
    if ([...reportsOf.values()].every((own) => own.length > 2)) child.kill('SIGKILL');
  }
  expect((await exited)[1]).toBe('SIGKILL');
  for (const own of reportsOf.values()) {
    expect(own.at(-1)?.sites.map(({ site }) => site)).toContain(`${WORKER}:${keepLine}`);
    const times = own.map(({ time }) => Date.parse(time));
    for (const [i, time] of times.slice(1).entries()) {
      expect(time - times[i]!).toBeGreaterThanOrEqual(350);
    }
  }
});

test('threads that are blocked or do not share are listed as silent, ended ones are not', async () => {
  const { report, ids } = await asking<{ report: Report; ids: Record<string, number> }>(
    'blockedAndUnshared',
    TRACED,
  );
  expect(asReport(report)).toMatchObject({
    threads: [0, ids['shares']],
    silentThreads: [ids['blocked'], ids['own']],
  });
  expect(report.sites).toHaveLength(3);
});

test('sharing alone keeps neither a worker nor the process alive', async () => {
  const told = await asking('nothingElseToDo', TRACED);
  expect(told).toEqual([0, [0], 'ERR_NOT_TRACING']);
});

// SPDX-License-Identifier: MIT
// tracemalloc/register in unchanged services: their work, output and exit stay the same; only
// reports on stderr are added, from every thread and process.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { REGISTER, REGISTER_MODULE, run } from '../support/child.js';
import { reportsOf } from '../support/report-schema.js';

const ON = {
  TRACEMALLOC: '1',
  TRACEMALLOC_SAMPLE_INTERVAL: '16KiB',
  TRACEMALLOC_REPORT_EVERY: '50ms',
  TRACEMALLOC_TOP: '100',
};
const service = (name: string) => new URL(`../fixtures/services/${name}`, import.meta.url);
const KEEPER = fileURLToPath(service('requests.cjs'));
const keeps = readFileSync(KEEPER, 'utf8')
  .split('\n')
  .findIndex((line) => line.includes('const user ='));

// A directory where `tracemalloc` is installed, so that its bare name resolves.
const installed = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
mkdirSync(join(installed, 'node_modules'));
symlinkSync(
  fileURLToPath(new URL('../..', import.meta.url)),
  join(installed, 'node_modules/tracemalloc'),
);
afterAll(() => rmSync(installed, { recursive: true }));

const WAYS = {
  '--require, absolute': { args: ['--require', REGISTER] },
  '--require, bare': { args: ['--require', 'tracemalloc/register'], cwd: installed },
  '--import, bare': { args: ['--import', 'tracemalloc/register'], cwd: installed },
  'NODE_OPTIONS --require': { env: { NODE_OPTIONS: `--require ${REGISTER}` } },
  'NODE_OPTIONS --import': { env: { NODE_OPTIONS: `--import ${REGISTER_MODULE}` } },
  both: { args: ['--import', REGISTER_MODULE, '--require', REGISTER] },
} as const;

test.each([
  ['http.cjs', '--require, absolute', { threads: 1, processes: 1 }],
  ['http.cjs', '--import, bare', { threads: 1, processes: 1 }],
  ['http.cjs', 'both', { threads: 1, processes: 1 }],
  ['express.cjs', '--require, bare', { threads: 1, processes: 1 }],
  ['express.cjs', 'NODE_OPTIONS --import', { threads: 1, processes: 1 }],
  ['fastify.mjs', 'NODE_OPTIONS --require', { threads: 1, processes: 1 }],
  ['fastify.mjs', '--import, bare', { threads: 1, processes: 1 }],
  ['worker-pool.mjs', 'NODE_OPTIONS --require', { threads: 4, processes: 1 }],
  ['worker-pool.mjs', '--import, bare', { threads: 4, processes: 1 }],
  ['cluster.cjs', 'NODE_OPTIONS --require', { threads: 1, processes: 3 }],
  ['cluster.cjs', '--require, bare', { threads: 1, processes: 3 }],
] as const)('%s by %s', async (name, way, expected) => {
  const options: { args?: readonly string[]; cwd?: string; env?: Record<string, string> } =
    WAYS[way];
  const untraced = await run(service(name));
  expect(untraced).toMatchObject({ code: 3, signal: null, stderr: '' });
  const { stderr, ...traced } = await run(service(name), {
    ...options,
    env: { ...ON, ...options.env },
  });
  expect(traced).toEqual({ code: 3, signal: null, stdout: untraced.stdout });

  const reports = reportsOf(stderr);
  expect(new Set(reports.map(({ pid }) => pid)).size).toBe(expected.processes);
  expect(new Set(reports.map(({ threadId }) => threadId)).size).toBe(expected.threads);
  const sites = reports.flatMap(({ sites }) => sites.map(({ site }) => site));
  expect(sites).toContain(`${KEEPER}:${keeps + 1}`);
});

test.each(['worker-pool.mjs', 'cluster.cjs'])('%s, tracing off: no change', async (name) => {
  const off = { NODE_OPTIONS: `--require ${REGISTER}`, TRACEMALLOC: '0' };
  const untraced = await run(service(name));
  expect(await run(service(name), { env: off })).toEqual(untraced);
});

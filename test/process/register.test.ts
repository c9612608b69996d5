// SPDX-License-Identifier: MIT
// tracemalloc/register in a service: reports on stderr are the only change.
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type ChildOptions, REGISTER, REGISTER_MODULE, run } from '../support/child.js';
import { reportsOf } from '../support/report-schema.js';

const LEAKY = new URL('../fixtures/leaky.cjs', import.meta.url);
const SERVED = { code: 5, signal: null, stdout: 'served\n' };
const ON = {
  TRACEMALLOC: '1',
  TRACEMALLOC_SAMPLE_INTERVAL: '4KiB',
  TRACEMALLOC_REPORT_EVERY: '100ms',
};
const leaky = (env: Record<string, string>, more: ChildOptions = {}) =>
  run(LEAKY, { args: ['--require', REGISTER], env, ...more });
const lines = (text: string) => text.split('\n').filter((line) => line !== '');

test.each([
  ['--require', { args: ['--require', REGISTER], env: ON }],
  ['--import', { args: ['--import', REGISTER_MODULE], env: ON }],
  ['NODE_OPTIONS', { env: { ...ON, NODE_OPTIONS: `--require ${REGISTER}` } }],
])('by %s: each report is one JSON line, with the leak first', async (_how, options) => {
  const outcome = await run(LEAKY, options);
  expect(outcome).toMatchObject(SERVED);
  const reports = reportsOf(outcome.stderr);
  expect(reports.length).toBeGreaterThanOrEqual(2);
  const last = reports.at(-1)!;
  expect(last).toMatchObject({
    name: 'tracemalloc',
    version: 1,
    host: hostname(),
    app: 'tracemalloc',
    threadId: 0,
    sampleInterval: 4096,
  });
  expect(last.rss).toBeGreaterThan(last.heapUsed);
  expect(last.sites.length).toBeLessThanOrEqual(8);
  const [leak] = last.sites;
  expect(leak?.site.startsWith(`${fileURLToPath(LEAKY)}:`)).toBe(true);
  // At function precision, inlined code is reported as its caller's.
  const functions =
    last.precision === 'line' ? ['remember'] : ['remember', 'Timeout._onTimeout', ''];
  expect(functions).toContain(leak?.function);
  expect(last.sites.filter(({ sizeDiff }) => sizeDiff > leak!.sizeDiff)).toEqual([]);
  expect(last.msg).toContain(` at ${leak?.site} (${leak?.function})`);
  const sizes = last.sites.map(({ size }) => size);
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
});

test.each([{}, { TRACEMALLOC: '0' }, { TRACEMALLOC: '' }])(
  '%o: nothing on stderr, and the addon is not loaded',
  async (env) => {
    expect(await leaky({ ...ON, TRACEMALLOC: '', ...env })).toEqual({ ...SERVED, stderr: '' });
    const { stdout } = await run(
      `console.log(process.report.getReport().sharedObjects.filter((f) => /tracemalloc.*\\.node/.test(f)).length)`,
      { args: ['--require', REGISTER], env },
    );
    expect(stdout).toBe('0\n');
  },
);

// As PM2 in cluster mode does it; test/install/managers.test.ts has the real one.
test('the variables come after the preloaded modules, and stderr is replaced', async () => {
  const { stdout, stderr } = await run(
    new URL('../fixtures/register/as-pm2.mjs', import.meta.url),
    {
      args: ['--require', REGISTER],
      env: { pm2_env: JSON.stringify({ ...ON, exec_mode: 'cluster_mode', pm_id: 0 }) },
    },
  );
  expect(stderr).toBe('');
  const reports = reportsOf(stdout);
  expect(reports.length).toBeGreaterThan(0);
  expect(reports.at(-1)?.sampleInterval).toBe(4096);
});

test('a service that reports loads only what reports need', async () => {
  const { stdout } = await run(new URL('../fixtures/register/loaded.mjs', import.meta.url), {
    args: ['--require', REGISTER],
    env: ON,
  });
  const files = (JSON.parse(stdout) as string[]).map((url) => url.replace(/^file:\/\//, ''));
  // A bundle lists the modules in it.
  const own = files
    .filter((file) => file.startsWith(dirname(REGISTER)))
    .flatMap((file) => readFileSync(file, 'utf8').match(/(?<=^\/\/ )src\/\S+$/gm) ?? []);
  expect(own).toContain('src/report/series.ts');
  // Exporters, profiles, endpoints, the command line, the HTML report and metrics are loaded when
  // first used.
  const unneeded =
    /\/(?:exporters|pprof|html|cli|metrics)\/|handler|access|queries|push|pyroscope|post|live/;
  expect(own.filter((module) => unneeded.test(module))).toEqual([]);
  // The source map decoder is loaded with the first source map; acorn finds literals.
  const packages = files.flatMap((file) => file.match(/(?<=\/node_modules\/)[^/]+/) ?? []);
  expect(packages.filter((name) => name !== 'acorn')).toEqual([]);
});

test('a process that ends before the interval does not wait for the report', async () => {
  const began = Date.now();
  expect(await leaky({ ...ON, TRACEMALLOC_REPORT_EVERY: '1h' })).toEqual({ ...SERVED, stderr: '' });
  expect(Date.now() - began).toBeLessThan(20_000);
});

test('a wrong value causes one warning with the value and the default; the service runs', async () => {
  const outcome = await leaky({ ...ON, TRACEMALLOC_TOP: 'many' });
  expect(outcome).toMatchObject(SERVED);
  const [warning, ...reports] = lines(outcome.stderr);
  expect(warning).toBe('tracemalloc: TRACEMALLOC_TOP=many is not a number from 1 to 1000; using 8');
  expect(reports.length).toBeGreaterThan(0);
  for (const report of reports) expect(JSON.parse(report).name).toBe('tracemalloc');
});

test('a wrong TRACEMALLOC causes one warning; tracing is off', async () => {
  const outcome = await leaky({ TRACEMALLOC: 'yes' });
  expect(outcome).toMatchObject(SERVED);
  expect(lines(outcome.stderr)).toHaveLength(1);
  expect(outcome.stderr).toContain('TRACEMALLOC=yes');
});

test('reports are text if requested', async () => {
  const outcome = await leaky({ ...ON, TRACEMALLOC_FORMAT: 'text', TRACEMALLOC_TOP: '1' });
  expect(outcome).toMatchObject(SERVED);
  expect(outcome.stderr).toMatch(
    /#1: .*leaky\.cjs:\d+ \(remember\): size=.* \(\+.*\), count=\d+ \(\+\d+.*\)/,
  );
  expect(outcome.stderr).not.toContain('#2');
});

test('reports are Markdown if requested', async () => {
  const outcome = await leaky({ ...ON, TRACEMALLOC_FORMAT: 'md', TRACEMALLOC_TOP: '1' });
  expect(outcome).toMatchObject(SERVED);
  expect(outcome.stderr).toMatch(/\| `\S*leaky\.cjs:\d+ \(remember\)` \|\n\n/);
  expect(outcome.stderr).not.toContain('{');
});

test.each(['lineno', 'traceback'])(
  'by %s, no line is long enough for Docker to cut it',
  async (key) => {
    const { code, stderr } = await run(
      new URL('../fixtures/register/many-sites.cjs', import.meta.url),
      {
        args: ['--require', REGISTER],
        env: {
          TRACEMALLOC: '1',
          TRACEMALLOC_SAMPLE_INTERVAL: '256',
          TRACEMALLOC_REPORT_AT_EXIT: '1',
          TRACEMALLOC_TOP: '1000',
          TRACEMALLOC_FRAMES: 'all',
          TRACEMALLOC_KEY: key,
        },
      },
    );
    expect(code).toBe(0);
    const [report, ...others] = reportsOf(stderr);
    expect(others).toEqual([]);
    expect(Buffer.byteLength(lines(stderr)[0]!)).toBeLessThan(16 * 1024);
    expect(report!.sites.length).toBeGreaterThan(3);
    expect(report!.omittedSites).toBeGreaterThan(100);
  },
);

test('if another sampler is active, there is one warning, and the service continues', async () => {
  const outcome = await run(new URL('../fixtures/register/sampled.mjs', import.meta.url), {
    env: ON,
  });
  expect(outcome).toMatchObject({ code: 0, stdout: 'served\n' });
  expect(lines(outcome.stderr)).toHaveLength(1);
  expect(outcome.stderr).toMatch(/^tracemalloc: not tracing: .*another heap sampler/);
});

test('an uncaught throw ends the service with its own code and message', async () => {
  const outcome = await run(`setTimeout(() => { throw new Error('boom'); }, 150);`, {
    args: ['--require', REGISTER],
    env: ON,
  });
  expect(outcome).toMatchObject({ code: 1, signal: null, stdout: '' });
  expect(outcome.stderr).toContain('Error: boom');
});

test('with stderr closed by its reader, the service continues', async () => {
  expect(await leaky(ON, { closeStderr: true })).toEqual({ ...SERVED, stderr: '' });
});

test('modules of Node that the package does not need are not loaded', async () => {
  // An `import` of one of Node's modules reads all of its exports, and so loads what they would load
  // lazily: node:fs loads readline, node:crypto WebCrypto. That took half of the time and memory.
  const { stdout } = await run(new URL('../fixtures/register/modules.mjs', import.meta.url));
  const { tracing, sharing } = JSON.parse(stdout) as Record<string, string[]>;
  const heavy = /crypto|readline|stream|worker|perf|zlib|v8$|fs\/promises|net$|tty$|http/;
  expect(tracing?.filter((name) => heavy.test(name))).toEqual([]);
  expect(sharing).toContain('NativeModule internal/worker/io');
});

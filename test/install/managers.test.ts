// SPDX-License-Identifier: MIT
// Process managers and pools of threads: every process and thread that traces reports, where the
// service's own logs are.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Report } from '../../src/report/report.js';
import { REGISTER } from '../support/child.js';
import { asReport, reportsOf } from '../support/report-schema.js';
import { fetchTool } from './setup/clients.js';
import { command } from './setup/command.js';

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/managers/${name}`, import.meta.url));
const ON = {
  TRACEMALLOC: '1',
  TRACEMALLOC_SAMPLE_INTERVAL: '4KiB',
  TRACEMALLOC_REPORT_EVERY: '300ms',
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-managers-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test.each(['preloaded', 'as the first line'])('PM2, %s', (how) => {
  const pm2 = join(fetchTool('pm2', '7.0.4'), 'bin/pm2');
  const env = { PM2_HOME: join(directory, 'home'), PATH: dirname(process.execPath) };
  const script = join(directory, 'service.cjs');
  const first = how === 'preloaded' ? '' : `require(${JSON.stringify(REGISTER)});\n`;
  writeFileSync(script, first + readFileSync(fixture('service.cjs'), 'utf8'));
  writeFileSync(join(directory, 'package.json'), '{ "name": "the-service", "version": "3.2.1" }');
  const app = {
    script,
    env: ON,
    ...(how === 'preloaded' ? { node_args: `--require ${REGISTER}` } : {}),
  };
  const apps = [
    { ...app, name: 'cluster', exec_mode: 'cluster', instances: 2 },
    { ...app, name: 'fork', exec_mode: 'fork' },
  ];
  const config = join(directory, 'apps.config.cjs');
  writeFileSync(config, `module.exports = ${JSON.stringify({ apps })};`);
  const run = (...args: string[]) => command(process.execPath, [pm2, ...args], { env });
  const errorLogs = () => {
    const folder = join(directory, 'home/logs');
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names
      .filter((name) => /error/.test(name))
      .map((name) => readFileSync(join(folder, name), 'utf8'));
  };
  try {
    run('start', config);
    const isReported = () =>
      errorLogs().length === 3 && errorLogs().every((log) => log.split('\n').length > 2);
    for (let waited = 0; waited < 60 && !isReported(); waited++) spawnSync('sleep', ['1']);
  } finally {
    run('kill');
  }
  expect(errorLogs()).toHaveLength(3);
  for (const log of errorLogs()) {
    const reports = reportsOf(log);
    expect(reports.length).toBeGreaterThan(1);
    expect(reports.at(-1)).toMatchObject({ app: 'the-service', appVersion: '3.2.1' });
    expect(reports.at(-1)?.sites[0]?.function).toBe('remember');
  }
  expect(readFileSync(join(directory, 'home/pm2.log'), 'utf8')).not.toContain('"tracemalloc"');
});

const WITH_OPTIONS = {
  ...ON,
  TRACEMALLOC_REPORT_AT_EXIT: '1',
  NODE_OPTIONS: `--require ${REGISTER}`,
  PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
};

test.each([
  ['tsx', '4.23.15', 'dist/cli.mjs'],
  ['cross-env', '10.1.0', 'dist/bin/cross-env.js', 'node'],
])('%s: one stream of reports, the application’s', (name, version, main, ...args) => {
  const script = join(directory, 'service.cjs');
  copyFileSync(fixture('service.cjs'), script);
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(fetchTool(name!, version!), main!), ...args, script],
    { env: { ...process.env, ...WITH_OPTIONS, LIFE: '4000' }, encoding: 'utf8', timeout: 60_000 },
  );
  expect(status).toBe(0);
  const reports = reportsOf(stderr);
  expect(new Set(reports.map(({ pid }) => pid)).size).toBe(1);
  expect(reports.at(-1)?.sites[0]?.function).toBe('remember');
});

test('nodemon: each run of the application reports, the last time as it is restarted', async () => {
  const script = join(directory, 'service.cjs');
  copyFileSync(fixture('service.cjs'), script);
  const nodemon = join(fetchTool('nodemon', '3.1.14'), 'bin/nodemon.js');
  const child = spawn(process.execPath, [nodemon, '--quiet', '--signal', 'SIGTERM', script], {
    cwd: directory,
    env: {
      ...process.env,
      ...WITH_OPTIONS,
      TRACEMALLOC_REPORT_EVERY: '1s',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 60_000,
  });
  const exited = once(child, 'exit');
  const seen: Report[] = [];
  try {
    for await (const line of createInterface(child.stderr)) {
      seen.push(asReport(JSON.parse(line)));
      if (seen.length === 1) utimesSync(script, new Date(), new Date()); // as an editor saves it
      if (seen.at(-1)!.pid !== seen[0]!.pid) break;
    }
  } finally {
    child.kill();
    await exited;
  }
  const pids = new Set(seen.map(({ pid }) => pid));
  expect(pids.size).toBe(2);
  expect(pids).not.toContain(child.pid);
  // Growth in the last report of the first run is counted from its start.
  const last = seen.findLast(({ pid }) => pid === seen[0]!.pid)!;
  expect(last.sites[0]).toMatchObject({ function: 'remember' });
  expect(last.sites[0]?.sizeDiff).toBe(last.sites[0]?.sizeDiffSinceStart);
});

const POOLS = [
  ['piscina', '5.3.2', 'dist/main.js'],
  ['tinypool', '2.2.0', 'dist/index.js'],
] as const;

test.each(POOLS)('an idle worker of %s reports its leak', (name, version, main) => {
  const module = pathToFileURL(join(fetchTool(name, version), main)).href;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--require', REGISTER, fixture('pool.mjs'), module],
    { env: { ...process.env, ...ON }, encoding: 'utf8', timeout: 60_000 },
  );
  expect(status).toBe(0);
  const own = reportsOf(stderr).filter(({ threadId }) => threadId !== 0);
  expect(own.length).toBeGreaterThan(1);
  const [leak] = own.at(-1)!.sites;
  expect(leak).toMatchObject({ function: 'remember' });
  expect(leak?.site.startsWith(`${fixture('leaking-task.mjs')}:6`)).toBe(true);
  expect(leak?.size).toBeGreaterThan(39 * 2 ** 20);
});

test.each(POOLS)(
  'a worker of %s writes its last report when the pool is destroyed',
  (name, version, main) => {
    const module = pathToFileURL(join(fetchTool(name, version), main)).href;
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--require', REGISTER, fixture('pool.mjs'), module],
      {
        env: {
          ...process.env,
          ...ON,
          TRACEMALLOC_REPORT_EVERY: '0',
          TRACEMALLOC_REPORT_AT_EXIT: '1',
        },
        encoding: 'utf8',
        timeout: 60_000,
      },
    );
    expect(status).toBe(0);
    const own = reportsOf(stderr).filter(({ threadId }) => threadId !== 0);
    expect(own.map(({ sites }) => sites[0])).toMatchObject([{ function: 'remember' }]);
  },
);

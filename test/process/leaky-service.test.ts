// SPDX-License-Identifier: MIT
// The main use case: a service that leaks 40 kB a request, with real requests over loopback. The
// line that keeps the memory comes first, with the bytes by which process.memoryUsage() grows.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { REGISTER } from '../support/child.js';
import { INHERITED } from '../support/environment.js';

const DIRECTORY = fileURLToPath(new URL('../../examples/leaky-service', import.meta.url));
const REQUESTS = 2000;
const UNITS = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

interface Service {
  readonly child: ChildProcess;
  /** Whole lines of stderr so far. */
  readonly errors: string[];
  ask(route: string): Promise<string>;
  memory(): Promise<NodeJS.MemoryUsage>;
}

let running: ChildProcess | undefined;
afterEach(() => running?.kill('SIGKILL'));

// The amount of uncollected garbage differs between versions of Node, so the service collects
// before it reports its memory.
const COLLECT = `data:text/javascript,
  const { memoryUsage } = process;
  process.memoryUsage = () => { gc(); return memoryUsage(); };`;

async function startService(module: string, env: Record<string, string>): Promise<Service> {
  const options = ['--expose-gc', '--import', COLLECT, '--require', REGISTER];
  const child = spawn(process.execPath, [...options, 'server.js', `./${module}`], {
    cwd: DIRECTORY,
    env: { ...INHERITED, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  const errors: string[] = [];
  createInterface(child.stderr).on('line', (line) => errors.push(line));
  const address = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => String(line)),
    once(child, 'exit').then(() => Promise.reject(new Error(errors.join('\n')))),
  ]);
  const ask = async (route: string) => (await fetch(`${address}/${route}`)).text();
  return { child, errors, ask, memory: async () => JSON.parse(await ask('memory')) };
}

async function sendRequests(service: Service): Promise<void> {
  let next = 0;
  const client = async () => {
    while (next < REQUESTS) {
      const id = next++;
      expect(JSON.parse(await service.ask(`users/${id}`))).toEqual({ id, name: `user ${id}` });
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
}

/** `path:line` of the statement that keeps the memory. */
function leakingLine(module: string): string {
  const path = join(DIRECTORY, module);
  const lines = readFileSync(path, 'utf8').split('\n');
  return `${path}:${lines.findIndex((line) => line.includes('cache.push(')) + 1}`;
}

function parseRow(row: string) {
  const [, site, size, unit, count] =
    /^(.*): size=\S+ \S+ \(\+([\d.]+) (\w+)\), count=\d+ \(([+-]\d+)\)/.exec(row) ?? [];
  return { site, grown: Number(size) * UNITS[unit as keyof typeof UNITS], count: Number(count) };
}

test.each(['fetchuserdata.js', 'fetchuserdata-arrays.js'])(
  '%s: comparing two snapshots names the line and the bytes',
  async (module) => {
    // The interval is too small for chance to matter; the service's own start() does nothing.
    const service = await startService(module, {
      TRACEMALLOC: '1',
      TRACEMALLOC_SAMPLE_INTERVAL: '512',
      TRACEMALLOC_REPORT_EVERY: '0',
    });
    await service.ask('capture');
    const before = await service.memory();
    await sendRequests(service);
    const after = await service.memory();
    const first = parseRow((await service.ask('capture')).split('\n')[0] as string);

    const grown = after.heapUsed - before.heapUsed;
    expect(grown).toBeGreaterThan(REQUESTS * 40_000 * 0.9);
    expect(first.site).toBe(leakingLine(module));
    expect(first.grown / grown).toBeGreaterThan(0.95);
    expect(first.grown / grown).toBeLessThan(1.05);
    if (module === 'fetchuserdata-arrays.js') {
      // The elements, and the JSArray of 32 bytes. V8 allocates both in one block, which counts for
      // both, or each alone: then 120 JSArrays are sampled, and 0.45 is five standard errors.
      expect(first.count / REQUESTS).toBeGreaterThan(0.9);
      expect(first.count / REQUESTS).toBeLessThan(2.45);
    }
    expect(service.errors).toEqual([]);
  },
);

test('fetchuserdata-fixed.js: its memory is bounded', async () => {
  const service = await startService('fetchuserdata-fixed.js', {});
  await sendRequests(service);
  const before = await service.memory();
  await sendRequests(service);
  // The leak would be 80 MB; the fixed service keeps at most 4 MB, and has reached that.
  expect((await service.memory()).heapUsed - before.heapUsed).toBeLessThan(4e6);
});

test('with register alone: a JSON line in each interval, the leak first', async () => {
  const service = await startService('fetchuserdata-arrays.js', {
    TRACEMALLOC: '1',
    TRACEMALLOC_REPORT_EVERY: '200ms',
  });
  await sendRequests(service);
  const seen = service.errors.length;
  await expect.poll(() => service.errors.length, { timeout: 10_000 }).toBeGreaterThan(seen);
  const report = JSON.parse(service.errors.at(-1) as string);
  expect(report.name).toBe('tracemalloc');
  expect(report.sites.length).toBeLessThanOrEqual(8);
  for (const line of service.errors) expect(Buffer.byteLength(line)).toBeLessThan(4096);
  expect(report.sites[0].site).toBe(leakingLine('fetchuserdata-arrays.js'));
  // At 512 KiB the standard error of 80 MB is about 8 %.
  expect(report.sites[0].size).toBeGreaterThan(REQUESTS * 40_000 * 0.6);
  expect(report.sites[0].size).toBeLessThan(REQUESTS * 40_000 * 1.4);
});

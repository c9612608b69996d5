// SPDX-License-Identifier: MIT
// The engine `inspector`: what it tells is right, what it can't know is absent, and the program it
// is in goes on as it would.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evaluate, programs, REGISTER_MODULE, run } from '../support/child.js';

const program = programs<typeof import('../fixtures/inspector/programs.mjs')>('inspector/programs');
const args = ['--no-addons', '--expose-gc'];
/** Readings that collect no garbage: Node has `v8.startHeapProfile`. */
const major = Number(process.versions.node.split('.')[0]);
const isGentle = 'startHeapProfile' in process.getBuiltinModule('node:v8');

/** The default, bytes. */
const INTERVAL = 524_160;

interface Kind {
  readonly name: string;
  readonly size: number;
  readonly count: number;
  readonly samples: number;
  readonly trueSize: number;
  readonly trueCount: number;
}

test('sizes and numbers of objects are those that were made, within four standard errors', async () => {
  const kinds = await program<Kind[]>('counts', { args });
  expect(kinds).toHaveLength(4);
  for (const { name, size, count, samples, trueSize, trueCount } of kinds) {
    expect(samples, name).toBeGreaterThan(4);
    // Of small objects: the number of samples is a Poisson process of their bytes.
    const error = Math.sqrt(trueSize * INTERVAL);
    expect(Math.abs(size - trueSize), name).toBeLessThan(4 * error);
    expect(Math.abs(count - trueCount), name).toBeLessThan((4 * error * trueCount) / trueSize);
  }
});

test('what it can not know is absent', async () => {
  expect(await program('absent', { args })).toMatchObject({
    domains: ['heap'],
    rowDomains: ['heap'],
    allocated: 0,
    allocatedCounts: 0,
    types: 0,
    exactFrames: 0,
    sampling: null,
    ages: 0,
    survivors: 'ERR_UNSUPPORTED_PRECISION',
    traceback: null,
    heapLimit: 'ERR_UNSUPPORTED_PLATFORM',
    ledger: ['heap', 'arrayBuffers', 'files'],
  });
});

test('what is collected is subtracted; the peak stays; clearTraces() begins anew', async () => {
  const kept = 400_000 * 40;
  const { before, after, peak, cleared, anew } = await program<Record<string, number>>('lives', {
    args,
  });
  expect(before).toBeGreaterThan(0.9 * kept);
  expect(after).toBeLessThan(0.05 * kept);
  expect(peak).toBeGreaterThanOrEqual(before as number);
  expect(cleared).toBeLessThan(0.05 * kept);
  expect(anew).toBeGreaterThan(0.9 * kept);
});

interface Readings {
  readonly collections: number;
  readonly times: number;
  readonly took: number;
  readonly postponedReadings: number;
}

test.skipIf(isGentle)('readings that collect all garbage are limited, and counted', async () => {
  const result = await program<Readings>('manyReadings', { args });
  // One second is saved at first; a collection of a million objects takes some milliseconds at
  // least, so far fewer than all 300 snapshots have a reading of their own.
  expect(result.collections).toBeLessThan(250);
  expect(result.collections + result.postponedReadings).toBeGreaterThanOrEqual(300);
  // A snapshot has the time of its reading.
  expect(result.times).toBeLessThanOrEqual(300 - result.postponedReadings);
});

test.runIf(isGentle)('with v8.startHeapProfile() readings collect nothing', async () => {
  const { collections, postponedReadings } = await program<Readings>('manyReadings', { args });
  expect(collections).toBeLessThan(10);
  expect(postponedReadings).toBe(0);
});

test('status().fullCollections counts collections of the whole heap only', async () => {
  const result = await program<Record<string, number>>('collections', { args });
  expect(result['before']).toBe(0);
  // The readings themselves collect, where it can't be avoided.
  expect(result['afterMinor']).toBe(isGentle ? 0 : 3);
  expect(result['afterFull']).toBe(isGentle ? 3 : 6);
});

test('while other code samples, start() throws ERR_SAMPLER_IN_USE; the other goes on', async () => {
  const result = await program<{ code: string; samples: number; afterwards: string }>(
    'alreadySampling',
    { args },
  );
  expect(result.code).toBe('ERR_SAMPLER_IN_USE');
  expect(result.samples).toBeGreaterThan(1000);
  expect(result.afterwards).toBe('OK');
});

test('with --heap-prof start() throws ERR_SAMPLER_IN_USE, and the file is written', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-heap-prof-'));
  try {
    const code = await evaluate(({ tracemalloc, codeOf }) => codeOf(() => tracemalloc.start()), {
      args: ['--no-addons', '--heap-prof', `--heap-prof-dir=${directory}`],
    });
    expect(code).toBe('ERR_SAMPLER_IN_USE');
    expect(readdirSync(directory).filter((name) => name.endsWith('.heapprofile'))).toHaveLength(1);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('other code may use an inspector session of its own, also with DevTools listening', async () => {
  for (const more of [[], ['--inspect=127.0.0.1:0']]) {
    const result = await program<{ seen: string; before: number; lost: boolean }>('otherSession', {
      args: [...args, ...more],
    });
    expect(result).toMatchObject({ seen: 'Array(400000)', lost: false });
    expect(result.before).toBeGreaterThan(14_000_000);
  }
});

test('a sampler that replaced ours is noticed, not shown, and not stopped', async () => {
  const result = await program<{
    before: number;
    after: number;
    foreign: number;
    lost: boolean;
    codes: string[];
    samples: number;
    again: number;
    lostAgain: boolean;
  }>('replaced', { args });
  expect(result).toMatchObject({
    after: result.before,
    foreign: 0,
    lost: true,
    codes: ['OK', 'OK', 'OK'],
    lostAgain: false,
  });
  expect(result.samples).toBeGreaterThan(500);
  expect(result.again).toBeGreaterThan(500_000);
});

test('clearing ends tracing where another sampler has replaced ours, and leaves that alone', async () => {
  const result = await program<{
    codes: string[];
    isTracing: boolean;
    samples: number;
    again: number;
  }>('replacedAndCleared', { args });
  expect(result).toMatchObject({ codes: ['ERR_SAMPLER_IN_USE', 'OK', 'OK'], isTracing: false });
  expect(result.samples).toBeGreaterThan(500);
  expect(result.again).toBeGreaterThan(500_000);
});

test('a snapshot that fails for want of stack loses nothing', async () => {
  const { failures, size, lost } = await program<{
    failures: number;
    size: number;
    lost: boolean;
  }>('deepStack', { args });
  expect(failures).toBeGreaterThan(0);
  expect(size).toBeGreaterThan(14_000_000);
  expect(lost).toBe(false);
});

test('starting and stopping again and again', async () => {
  expect(await program('startsAndStops', { args })).toBe(false);
});

test('each worker traces its own memory, and may end while it does', async () => {
  const { sizes, own } = await program<{
    sizes: { size: number; isOwn: boolean }[];
    own: number;
  }>('workers', { args, given: { count: 12 } });
  expect(sizes).toHaveLength(12);
  for (const { size, isOwn } of sizes) {
    expect(isOwn).toBe(true);
    expect(size).toBeGreaterThan(0.8 * 500 * 8000);
  }
  expect(own).toBe(0);
});

test('without node:inspector: one error that says what is missing', async () => {
  const { code, message } = await program<{ code: string; message: string }>('withoutInspector', {
    args,
  });
  expect(code).toBe('ERR_UNSUPPORTED_PLATFORM');
  expect(message).toMatch(/addons are disabled.*; and this Node was built without node:inspector/);
});

const permission = major === 20 ? '--experimental-permission' : '--permission';

test('the permission model forbids both ways: one error names both', async () => {
  const message = await evaluate(
    ({ tracemalloc }) => {
      try {
        tracemalloc.start();
        return 'traces';
      } catch (error) {
        return `${(error as { code: string }).code}: ${(error as Error).message}`;
      }
    },
    { args: [permission, '--allow-fs-read=*'] },
  );
  expect(message).toMatch(
    /^ERR_UNSUPPORTED_PLATFORM: .*--allow-addons.*; and the permission model forbids node:inspector/s,
  );
});

test.skipIf(major < 26)('with --allow-inspector it traces under the permission model', async () => {
  const engine = await evaluate(
    ({ tracemalloc }) => {
      tracemalloc.start();
      return tracemalloc.status().engine;
    },
    { args: [permission, '--allow-fs-read=*', '--allow-inspector'] },
  );
  expect(engine).toBe('inspector');
});

test('names of scripts hold no data, as with the addon', async () => {
  const names = [
    'data:text/javascript,secret()',
    'data:text/javascript;base64,c2VjcmV0',
    'DATA:,x',
    `data:${'x'.repeat(70)},secret`,
    'javascript:secret()',
    'https://user:password@host.example/a/b.js?token=secret#part',
    'https://host.example/@scope/b.js',
    'webpack-internal:///./src/a.js?secret',
    'file:///app/with%20space.js?query',
    '/plain/path/to/file.js',
    ' /path with spaces/file.js ',
    ' data:text/javascript,secret()',
    '\t\0\nda\nta:text/javascript,secret()',
    '\nhttps://user:password@host.example/a.js?secret\t',
    'C:\\app\\file.js',
    'node:internal/streams',
    '1abc://x?y',
    `/${'long/'.repeat(900)}end.js`,
    `/${'\u00e4\u20ac\u{1f600}'.repeat(500)}`,
    `https://host.example/${'\u20ac'.repeat(1500)}?secret`,
    '',
    ':',
    'evalmachine.<anonymous>',
  ];
  const { scriptName } = (await import('../../build/modules/inspector/script-name.js')) as {
    scriptName: (name: string) => string;
  };
  const byAddon = await evaluate(
    async ({ given }) => {
      const { addon } = await import('../support/addon.mjs');
      return given.map((name) => addon.scriptName(name));
    },
    { given: names },
  );
  expect(names.map(scriptName)).toEqual(byAddon);
});

test('register: reports as usual, the last one at exit, and the service runs on', async () => {
  const outcome = await run(new URL('../fixtures/inspector/leaks.mjs', import.meta.url), {
    args: ['--no-addons', '--import', REGISTER_MODULE],
    env: { TRACEMALLOC: '1', TRACEMALLOC_REPORT_AT_EXIT: '1', TRACEMALLOC_FORMAT: 'json' },
  });
  expect(outcome).toMatchObject({ code: 7, signal: null, stdout: 'served\n' });
  const lines = outcome.stderr.trim().split('\n');
  expect(lines).toHaveLength(1);
  const report = JSON.parse(lines[0] as string);
  expect(report).toMatchObject({ name: 'tracemalloc', precision: 'function' });
  expect(JSON.stringify(report)).toContain('leaks.mjs');
});

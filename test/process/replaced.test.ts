// SPDX-License-Identifier: MIT
// Programs that replace, freeze or remove globals that tracemalloc uses, before it is loaded: at
// worst there is no tracing, with one warning, and the program works as without tracemalloc.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REGISTER, runNode } from '../support/child.js';
import { reportsOf } from '../support/report-schema.js';

const ON = {
  TRACEMALLOC: '1',
  TRACEMALLOC_SAMPLE_INTERVAL: '4KiB',
  TRACEMALLOC_REPORT_EVERY: '30ms',
  TRACEMALLOC_REPORT_AT_EXIT: '1',
  TRACEMALLOC_SIGNAL: 'SIGUSR2',
  TRACEMALLOC_FORMAT: 'json',
  // Passed at once.
  TRACEMALLOC_MEMORY_LIMIT: '64MiB',
  TRACEMALLOC_RETAINERS: 'suspects',
};

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/replaced/${name}.cjs`, import.meta.url));

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-replaced-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function file(text: string): string {
  const path = join(directory, `${files++}.cjs`);
  writeFileSync(path, text);
  return path;
}

const SERVED = { code: 5, signal: null, stdout: 'served\n', stderr: [] as string[] };

/** Traced after `change` the program works as untraced: mostly as if nothing had been changed. */
async function unharmed(change: string, nodeArguments: readonly string[] = []) {
  const before = [...nodeArguments, '--require', fixture('take'), '--require', file(change)];
  const outcome = await runNode([...before, '--require', REGISTER, fixture('program')], {
    env: ON,
  });
  const lines = linesOf(outcome.stderr);
  const isOurs = (line: string) => /^(?:tracemalloc:|\{"name":"tracemalloc")/.test(line);
  const seen = { ...outcome, stderr: lines.filter((line) => !isOurs(line)) };
  const served = isDeepStrictEqual(seen, SERVED);
  if (!served) {
    const without = await runNode([...before, fixture('program')]);
    expect(seen).toEqual({ ...without, stderr: linesOf(without.stderr) });
  }
  return {
    served,
    warnings: lines.filter((line) => line.startsWith('tracemalloc:')),
    reports: reportsOf(lines.filter((line) => line.startsWith('{"name')).join('\n')),
  };
}

// Leaves out the stack of the code that loads the first file, which differs if Node can load none.
const linesOf = (text: string) =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('    at '));

const PLACES: readonly (readonly [owner: string, names: readonly string[]])[] = [
  [
    'process',
    ['getBuiltinModule', 'versions', 'version', 'env', 'memoryUsage', 'hrtime', 'execArgv'],
  ],
  ['process', ['prependListener', 'on', 'report', 'argv', 'moduleLoadList', 'setMaxListeners']],
  ['Array.prototype', ['map', 'filter', 'push', 'slice', 'splice', 'reduce', 'includes', 'join']],
  ['Array.prototype', ['sort', 'flatMap', 'forEach', 'every', 'some', 'find', 'concat']],
  ['Array.prototype', ['entries']],
  ['String.prototype', ['trim', 'split', 'slice', 'replaceAll', 'startsWith', 'includes']],
  ['Object', ['entries', 'keys', 'fromEntries', 'hasOwn', 'assign', 'defineProperty', 'freeze']],
  ['JSON', ['stringify', 'parse']],
  ['Map.prototype', ['get', 'set', 'has', 'delete', 'values', 'clear']],
  ['Promise.prototype', ['then', 'catch', 'finally', 'constructor']],
  ['Promise', ['resolve', 'all', 'Symbol.species']],
  ['Number', ['isInteger', 'parseInteger', 'POSITIVE_INFINITY']],
  ['Math', ['max', 'min', 'round', 'floor']],
  ['Date', ['now']],
  ['Buffer', ['from', 'alloc']],
  ['Object.getPrototypeOf(Uint8Array.prototype)', ['buffer', 'subarray', 'length']],
  ['globalThis', ['Map', 'Set', 'WeakMap', 'WeakRef', 'Promise', 'Buffer', 'setTimeout', 'JSON']],
  ['globalThis', ['BroadcastChannel', 'FinalizationRegistry', 'queueMicrotask', 'Error', 'Object']],
  ['globalThis', ['process', 'console', 'Array', 'Reflect', 'Date', 'URL', 'Uint8Array']],
  ["require('node:fs')", ['writeSync', 'fstatSync', 'readlinkSync', 'readFileSync', 'mkdirSync']],
  ["require('node:diagnostics_channel')", ['channel', 'subscribe']],
  ["require('node:module')", ['createRequire']],
];

const THROWS = `{ value() { throw new Error('replaced'); }, writable: true, configurable: true }`;
const OTHER_WAYS = {
  'does nothing': '{ value() {}, writable: true, configurable: true }',
  'is undefined': '{ value: undefined, writable: true, configurable: true }',
  'throws when read': `{ get() { throw new Error('replaced'); }, configurable: true }`,
} as const;

const CHANGES = [
  ...PLACES.map(([owner, names]) => ['throws when called', owner, names, THROWS] as const),
  ...Object.entries(OTHER_WAYS).flatMap(([way, descriptor]) =>
    PLACES.filter(([owner]) => /^(?:process|globalThis|Promise.prototype)$/.test(owner)).map(
      ([owner, names]) => [way, owner, names, descriptor] as const,
    ),
  ),
  // Its message differs from call to call, unlike that of what throws.
  ...PLACES.filter(([owner]) => owner === 'Array.prototype').map(
    ([owner, names]) => ['is undefined', owner, names, OTHER_WAYS['is undefined']] as const,
  ),
];

test.concurrent.each(CHANGES)(
  '%s: on %s, each of %j by itself',
  async (_, owner, names, descriptor) => {
    // Concurrent: the programs mostly wait.
    const judge = async (name: string) => {
      const key = name.startsWith('Symbol.') ? name : JSON.stringify(name);
      const change = `Object.defineProperty(${owner}, ${key}, ${descriptor});`;
      const { served, warnings, reports } = await unharmed(change);
      if (!served) return; // Node itself can't do without it
      expect(warnings.length, `${owner}.${name}: ${warnings}`).toBeLessThanOrEqual(1);
      // Without either, tracing would have failed silently. (Without TRACEMALLOC in the environment
      // tracing is off.)
      if (name !== 'env') expect(warnings.length + reports.length, name).toBeGreaterThan(0);
    };
    await Promise.all(names.map(judge));
  },
  120_000,
);

test.concurrent.each([
  ['process.getBuiltinModule', `process.getBuiltinModule = undefined;`],
  [
    'process.versions',
    `Object.defineProperty(process, 'versions', { get() { throw new Error('no'); } });`,
  ],
  ['Array.prototype.map', `Array.prototype.map = () => { throw new Error('no'); };`],
])('%s replaced: one warning, no tracing', async (_, change) => {
  const { warnings, reports } = await unharmed(change);
  expect(reports).toEqual([]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^tracemalloc: not tracing: ./);
});

const SES = JSON.stringify(createRequire(import.meta.url).resolve('ses'));

test.concurrent.each([
  ['frozen prototypes and constructors', `require(${JSON.stringify(fixture('freeze-all'))});`, []],
  ['Array.prototype frozen', 'Object.freeze(Array.prototype);', []],
  ['--frozen-intrinsics', '', ['--frozen-intrinsics', '--no-warnings']],
  ['--disable-proto=throw', '', ['--disable-proto=throw']],
  ['--disable-proto=delete', '', ['--disable-proto=delete']],
  ['lockdown() of SES', `require(${SES}); lockdown({ errorTaming: 'unsafe' });`, []],
  ['lockdown() of SES, with tame errors', `require(${SES}); lockdown();`, []],
] as const)('%s: it traces and reports', async (_, change, nodeArguments) => {
  const { served, warnings, reports } = await unharmed(change, nodeArguments);
  expect({ served, warnings }).toEqual({ served: true, warnings: [] });
  expect(reports.length).toBeGreaterThan(0);
});

test('process frozen: one warning, no tracing', async () => {
  const { warnings, reports } = await unharmed('Object.freeze(process);');
  expect(reports).toEqual([]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^tracemalloc: not tracing: ./);
});

test('a failure after start() ends tracing, with one warning', async () => {
  const after = `
    const { isTracing } = require(${JSON.stringify(join(dirname(REGISTER), 'index.js'))});
    console.log('tracing', isTracing());`;
  for (const breaks of [
    // The reporter, the signal and the listener at exit are set up after start().
    `const { prependListener } = process; process.prependListener = () => { throw new Error('no'); };`,
    `require('node:diagnostics_channel').subscribe = () => { throw new Error('no'); };`,
    `process.getMaxListeners = () => { throw new Error('no'); };`,
  ]) {
    const { stdout, stderr, code } = await runNode(
      ['--require', file(breaks), '--require', REGISTER, file(after)],
      { env: { ...ON, TRACEMALLOC_REPORT_EVERY: '1h' } },
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^tracemalloc: not tracing: .*\n$/);
    expect(stdout).toBe('tracing false\n');
  }
});

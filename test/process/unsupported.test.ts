// SPDX-License-Identifier: MIT
// Without an addon, start() throws what is missing and what to do; register never disturbs the
// service.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TracemallocError } from '../../src/errors.js';
import { evaluate, programs, REGISTER, run, type Scope } from '../support/child.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const REGISTER_URL = pathToFileURL(REGISTER).href;
const abi = String(process.versions.modules);
let copy: string;

// The package without its binaries.
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'tracemalloc-no-binary-'));
  cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true }));

const TRIES = new URL('../fixtures/unsupported/tries-start.mjs', import.meta.url);
const INDEX = () => pathToFileURL(join(copy, 'dist/index.js')).href;
const foreignAddon = programs<typeof import('../fixtures/unsupported/foreign-addon.mjs')>(
  'unsupported/foreign-addon',
);

test('no binary: ERR_UNSUPPORTED_PLATFORM names platform, ABI, file and remedy', async () => {
  const { stdout } = await run(TRIES, { argv: [INDEX()] });
  const [ours, code, message, tracing] = JSON.parse(stdout);
  expect([ours, code, tracing]).toEqual([true, 'ERR_UNSUPPORTED_PLATFORM', false]);
  expect(message).toContain(`ABI ${abi}`);
  expect(message).toContain(`${process.platform}-${process.arch}`);
  expect(message).toContain(`tracemalloc.abi${abi}.glibc.node`);
  expect(message).toMatch(/reinstall the package/);
});

function startError({ tracemalloc }: Scope<undefined>): { code: string; message: string } {
  try {
    tracemalloc.start();
    return { code: 'OK', message: '' };
  } catch (error) {
    const { code, message } = error as TracemallocError;
    return { code, message };
  }
}

test('--no-addons: ERR_UNSUPPORTED_PLATFORM names the flag', async () => {
  const result = await evaluate(startError, { args: ['--no-addons'] });
  expect(result.code).toBe('ERR_UNSUPPORTED_PLATFORM');
  expect(result.message).toContain('--no-addons');
});

const PLACES = [
  { place: 'another operating system', message: /win32-\w+; supported are linux-x64/ },
  { place: 'another ABI', message: /no binary for Node \S+ \(ABI 999\)/ },
  { place: 'Electron', message: /electron 45\.4\.1 is not supported/ },
  { place: 'musl', message: /musl.*node:22-slim/ },
];

test.each(PLACES)('$place: one error that says so', async ({ place, message }) => {
  const { stdout } = await run(TRIES, { argv: [INDEX(), place] });
  const [ours, code, text, tracing] = JSON.parse(stdout);
  expect([ours, code, tracing]).toEqual([true, 'ERR_UNSUPPORTED_PLATFORM', false]);
  expect(text).toMatch(message);
});

/** Imitates a Node whose V8 was built with these switches. */
const builtWith = (switches: object) => ({
  args: ['--import', new URL('../fixtures/unsupported/build-switches.mjs', import.meta.url).href],
  env: { BUILD_SWITCHES: JSON.stringify(switches) },
});

test.each([
  ['pointer compression', { v8_enable_pointer_compression: 1 }],
  ['pointer compression, as gyp may write it', { v8_enable_pointer_compression: 'true' }],
  ['the sandbox', { v8_enable_sandbox: true }],
  ['a shared cage', { v8_enable_pointer_compression_shared_cage: 1 }],
  ['small numbers', { v8_enable_31bit_smis_on_64bit_arch: 1 }],
  ['code outside of the cage', { v8_enable_external_code_space: '1' }],
])('a V8 with %s is refused before the binary is loaded, by name', async (_, variables) => {
  const [name] = Object.keys(variables) as [string];
  const { args, env } = builtWith(variables);
  const result = await evaluate(
    ({ tracemalloc }) => {
      try {
        tracemalloc.start({ precision: 'function' });
        return { code: 'OK', message: '', loaded: true };
      } catch (error) {
        const { code, message } = error as TracemallocError;
        const { sharedObjects } = process.report.getReport() as { sharedObjects: string[] };
        const loaded = sharedObjects.some((file) => file.includes('tracemalloc.abi'));
        return { code, message, loaded };
      }
    },
    { args, env },
  );
  expect(result).toMatchObject({ code: 'ERR_UNSUPPORTED_PLATFORM', loaded: false });
  expect(result.message).toMatch(new RegExp(`V8 built with ${name},.*use a build of Node without`));
  const outcome = await run(`console.log('served'); process.exitCode = 7;`, {
    args: [...args, '--import', REGISTER_URL],
    env: { ...env, TRACEMALLOC: '1' },
  });
  expect(outcome).toMatchObject({ code: 7, stdout: 'served\n' });
  expect(outcome.stderr.trim().split('\n')).toEqual([expect.stringContaining(name)]);
});

test('switches that are off, or change nothing that the binary depends on, are accepted', async () => {
  const variables = {
    v8_enable_pointer_compression: 0,
    v8_enable_sandbox: 'false',
    v8_enable_lite_mode: 1,
  };
  expect(
    await evaluate(({ tracemalloc }) => {
      tracemalloc.start();
      return tracemalloc.isTracing();
    }, builtWith(variables)),
  ).toBe(true);
  const withoutConfig = await evaluate(({ tracemalloc }) => {
    Object.defineProperty(process, 'config', { value: undefined });
    tracemalloc.start();
    return tracemalloc.isTracing();
  });
  expect(withoutConfig).toBe(true);
});

const major = Number(process.versions.node.split('.')[0]);
const permission = major === 20 ? '--experimental-permission' : '--permission';

test('--permission: names the flag that allows addons', async () => {
  const result = await evaluate(startError, { args: [permission, '--allow-fs-read=*'] });
  expect(result.code).toBe('ERR_UNSUPPORTED_PLATFORM');
  expect(result.message).toContain('--allow-addons');
});

test.skipIf(major === 20)('--permission with --allow-addons: traces', async () => {
  const result = await evaluate(
    ({ tracemalloc }) => {
      tracemalloc.start();
      return tracemalloc.status().engine;
    },
    {
      args: [permission, '--allow-fs-read=*', '--allow-addons'],
    },
  );
  expect(result).toBe('allocation-hook');
});

const PREBUILDS = `prebuilds/${process.platform}-${process.arch}`;
const nameFor = (wanted: string) => `tracemalloc.abi${wanted}.glibc.node`;
const foreign = readdirSync(join(ROOT, PREBUILDS))
  .filter((name) => name.endsWith('.glibc.node') && name !== nameFor(abi))
  .map((name) => join(ROOT, PREBUILDS, name))[0];

async function startWith(write: (file: string) => void): Promise<unknown[]> {
  mkdirSync(join(copy, PREBUILDS), { recursive: true });
  try {
    write(join(copy, PREBUILDS, nameFor(abi)));
    const outcome = await run(TRIES, { argv: [INDEX()] });
    expect(outcome).toMatchObject({ code: 0, signal: null });
    return JSON.parse(outcome.stdout);
  } finally {
    rmSync(join(copy, 'prebuilds'), { recursive: true });
  }
}

test('a binary that is no ELF file', async () => {
  const [ours, code, message] = await startWith((file) => writeFileSync(file, 'not an ELF file'));
  expect([ours, code]).toEqual([true, 'ERR_UNSUPPORTED_PLATFORM']);
  expect(message).toMatch(/does not load/);
});

// Only if the addon has been built for a second Node, as the test matrix does.
test.skipIf(foreign === undefined)(
  'a binary built for another Node refuses by itself',
  async () => {
    const [ours, code, message] = await startWith((file) => cpSync(foreign as string, file));
    expect([ours, code]).toEqual([true, 'ERR_UNSUPPORTED_PLATFORM']);
    expect(message).toMatch(/built for (another )?Node/);
  },
);

test('no other function of an addon for another ABI is called', async () => {
  const addon = join(ROOT, PREBUILDS, nameFor(abi));
  const result = await foreignAddon<{ code: string; message: string }>('started', {
    given: { addon },
  });
  expect(result.code).toBe('ERR_UNSUPPORTED_PLATFORM');
  expect(result.message).toContain('ABI 42');
  expect(result.message).toContain(`ABI ${abi}`);
});

test('register: one warning, and the service continues', async () => {
  const outcome = await run(`console.log('served'); process.exitCode = 7;`, {
    args: ['--import', pathToFileURL(join(copy, 'dist/register.js')).href],
    env: { TRACEMALLOC: '1' },
  });
  expect(outcome).toMatchObject({ code: 7, stdout: 'served\n' });
  expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
  expect(outcome.stderr).toContain(`ABI ${abi}`);
});

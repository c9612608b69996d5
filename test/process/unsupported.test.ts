// SPDX-License-Identifier: MIT
// Without an addon the engine is `inspector`, and status() says why; where lines are asked for,
// start() throws what is missing and what to do; register never disturbs the service.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TracemallocError } from '../../src/errors.js';
import {
  type ChildOptions,
  evaluate,
  PACKAGE,
  programs,
  REGISTER_MODULE,
  run,
} from '../support/child.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
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

const KEEPS = new URL('../fixtures/inspector/keeps.mjs', import.meta.url);
const INDEX = () => pathToFileURL(join(copy, 'dist/index.js')).href;
const foreignAddon = programs<typeof import('../fixtures/unsupported/foreign-addon.mjs')>(
  'unsupported/foreign-addon',
);

/** What a program is told that keeps `truth` bytes in a function. */
interface Kept {
  readonly engine: string;
  readonly precision: string;
  readonly reason: string;
  readonly domains: string[];
  readonly size: number;
  readonly error: number;
  readonly truth: number;
  /** Of the error, where lines are asked for. */
  readonly refusal: { readonly code: string; readonly message: string };
}

async function kept(argv: readonly string[], options: ChildOptions = {}): Promise<Kept> {
  const outcome = await run(KEEPS, { argv, ...options });
  expect(outcome).toMatchObject({ code: 0, signal: null, stderr: '' });
  return JSON.parse(outcome.stdout);
}

/** Traces functions by the inspector, rightly, and says for this reason. */
function expectInspector(result: Kept, reason: RegExp): void {
  expect(result).toMatchObject({ engine: 'inspector', precision: 'function', domains: ['heap'] });
  expect(result.reason).toMatch(reason);
  expect(Math.abs(result.size - result.truth)).toBeLessThan(4 * result.error);
  expect(result.error).toBeLessThan(result.truth / 20);
  expect(result.refusal.code).toBe('ERR_UNSUPPORTED_PLATFORM');
  expect(result.refusal.message).toMatch(reason);
}

test('no binary: the reason names platform, ABI, file and remedy', async () => {
  const result = await kept([INDEX()]);
  expectInspector(result, new RegExp(`ABI ${abi}\\) on ${process.platform}-${process.arch}`));
  expect(result.reason).toContain(`tracemalloc.abi${abi}.glibc.node`);
  expect(result.reason).toMatch(/reinstall the package/);
});

test('--no-addons: the reason names the flag', async () => {
  const result = await kept([PACKAGE], { args: ['--no-addons'] });
  expectInspector(result, /--no-addons/);
});

const PLACES = [
  ['Windows', /win32-\w+; supported are linux-x64/],
  ['macOS', /darwin-\w+; supported are linux-x64/],
  ['another architecture', /linux-riscv64; supported are linux-x64/],
  ['a newer Node', /no binary for Node \S+ \(ABI 999\)/],
  ['Electron', /no binary for Electron 45\.4\.1/],
  ['musl', /musl.*node:22-slim/],
  ['pointer compression', /built with v8_enable_pointer_compression/],
] as const;

test.each(PLACES)('%s: traces functions, and says why not lines', async (place, reason) => {
  expectInspector(await kept([INDEX(), place]), reason);
});

test('buffers alone can not be traced: one error that says so', async () => {
  const [code, message] = await evaluate(
    ({ tracemalloc }) => {
      try {
        tracemalloc.start({ domains: ['buffer'] });
        return ['OK', ''];
      } catch (error) {
        return [(error as TracemallocError).code, (error as TracemallocError).message];
      }
    },
    { args: ['--no-addons'] },
  );
  expect(code).toBe('ERR_UNSUPPORTED_PLATFORM');
  expect(message).toMatch(/--no-addons.*without it, buffers can't be traced/);
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
      tracemalloc.start({ precision: 'function' });
      const { sharedObjects } = process.report.getReport() as { sharedObjects: string[] };
      const loaded = sharedObjects.some((file) => file.includes('tracemalloc.abi'));
      return { ...tracemalloc.status(), loaded };
    },
    { args, env },
  );
  expect(result).toMatchObject({ engine: 'inspector', loaded: false });
  expect(result.reason).toMatch(new RegExp(`V8 built with ${name},.*use a build of Node without`));
  const outcome = await run(`console.log('served'); process.exitCode = 7;`, {
    args: [...args, '--import', REGISTER_MODULE],
    env: { ...env, TRACEMALLOC: '1' },
  });
  expect(outcome).toMatchObject({ code: 7, stdout: 'served\n', stderr: '' });
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

test.skipIf(major === 20)('--permission with --allow-addons: traces', async () => {
  const result = await evaluate(
    ({ tracemalloc }) => {
      tracemalloc.start();
      return tracemalloc.status().engine;
    },
    {
      args: ['--permission', '--allow-fs-read=*', '--allow-addons'],
    },
  );
  expect(result).toBe('allocation-hook');
});

const PREBUILDS = `prebuilds/${process.platform}-${process.arch}`;
const nameFor = (wanted: string) => `tracemalloc.abi${wanted}.glibc.node`;
const foreign = readdirSync(join(ROOT, PREBUILDS))
  .filter((name) => name.endsWith('.glibc.node') && name !== nameFor(abi))
  .map((name) => join(ROOT, PREBUILDS, name))[0];

async function keptWith(write: (file: string) => void): Promise<Kept> {
  mkdirSync(join(copy, PREBUILDS), { recursive: true });
  try {
    write(join(copy, PREBUILDS, nameFor(abi)));
    return await kept([INDEX()]);
  } finally {
    rmSync(join(copy, 'prebuilds'), { recursive: true });
  }
}

test('a binary that is no ELF file', async () => {
  const result = await keptWith((file) => writeFileSync(file, 'not an ELF file'));
  expectInspector(result, /does not load/);
});

// Only if the addon has been built for a second Node, as the test matrix does.
test.skipIf(foreign === undefined)(
  'a binary built for another Node refuses by itself',
  async () => {
    const result = await keptWith((file) => cpSync(foreign as string, file));
    expectInspector(result, /built for (another )?Node/);
  },
);

/** The binary for this Node, without the layout of this V8: its row is one of another ABI. */
function withoutLayout(): Buffer {
  const binary = readFileSync(join(ROOT, PREBUILDS, nameFor(abi)));
  const [v8Major, v8Minor] = process.versions.v8.split('.').map(Number);
  const row = Buffer.from(Int32Array.of(Number(abi), v8Major as number, v8Minor as number).buffer);
  const at = binary.indexOf(row);
  expect(at).toBeGreaterThan(0);
  expect(binary.indexOf(row, at + 1)).toBe(-1);
  binary.writeInt32LE(999, at);
  return binary;
}

test("a V8 without a row in the layout table: V8's public sampler, by the addon", async () => {
  const result = await keptWith((file) => writeFileSync(file, withoutLayout()));
  expect(result).toMatchObject({
    engine: 'public-sampler',
    precision: 'function',
    domains: ['heap', 'buffer'],
    refusal: { code: 'ERR_UNSUPPORTED_PLATFORM' },
  });
  expect(result.reason).toMatch(new RegExp(`^no layout for V8 ${process.versions.v8} `));
  expect(Math.abs(result.size - result.truth)).toBeLessThan(4 * result.error);
});

test('no other function of an addon for another ABI is called', async () => {
  const addon = join(ROOT, PREBUILDS, nameFor(abi));
  const { engine, reason } = await foreignAddon<{ engine: string; reason: string }>('started', {
    given: { addon },
  });
  expect(engine).toBe('inspector');
  expect(reason).toContain('ABI 42');
  expect(reason).toContain(`ABI ${abi}`);
});

test('register: traces, and the service runs on without a word', async () => {
  const outcome = await run(`console.log('served'); process.exitCode = 7;`, {
    args: ['--import', pathToFileURL(join(copy, 'dist/register.js')).href],
    env: { TRACEMALLOC: '1' },
  });
  expect(outcome).toMatchObject({ code: 7, stdout: 'served\n', stderr: '' });
});

test('register: where nothing can trace, one warning, and the service runs on', async () => {
  const permission = major === 20 ? '--experimental-permission' : '--permission';
  const outcome = await run(`console.log('served'); process.exitCode = 7;`, {
    args: [permission, '--allow-fs-read=*', '--import', REGISTER_MODULE],
    env: { TRACEMALLOC: '1' },
  });
  expect(outcome).toMatchObject({ code: 7, stdout: 'served\n' });
  const warnings = outcome.stderr.split('\n').filter((line) => line.startsWith('tracemalloc:'));
  expect(warnings).toEqual([
    expect.stringMatching(/not tracing: .*--allow-addons.*; and the perm/),
  ]);
});

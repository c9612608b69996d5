// SPDX-License-Identifier: MIT
// Where there is no addon, start() says what is missing and what to do; register never disturbs.
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
import { evaluate, REGISTER, run } from '../support/child.js';

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

const tryStart = (index: string) => `
  import { start, isTracing, TracemallocError } from ${JSON.stringify(index)};
  try { start(); } catch (error) {
    process.stdout.write(JSON.stringify([error instanceof TracemallocError, error.code, error.message, isTracing()]));
  }`;

test('no binary: ERR_UNSUPPORTED_PLATFORM names platform, ABI, file and remedy', async () => {
  const { stdout } = await run(tryStart(pathToFileURL(join(copy, 'dist/index.js')).href));
  const [ours, code, message, tracing] = JSON.parse(stdout);
  expect([ours, code, tracing]).toEqual([true, 'ERR_UNSUPPORTED_PLATFORM', false]);
  expect(message).toContain(`ABI ${abi}`);
  expect(message).toContain(`${process.platform}-${process.arch}`);
  expect(message).toContain(`tracemalloc.abi${abi}.glibc.node`);
  expect(message).toMatch(/reinstall the package/);
});

test('--no-addons: ERR_UNSUPPORTED_PLATFORM names the flag', async () => {
  const result = await evaluate<{ code: string; message: string }>(
    `try { tracemalloc.start(); } catch ({ code, message }) { report({ code, message }); }`,
    { args: ['--no-addons'] },
  );
  expect(result.code).toBe('ERR_UNSUPPORTED_PLATFORM');
  expect(result.message).toContain('--no-addons');
});

// What another place would answer, in place of what this one does.
const PLACES = {
  'another operating system': [
    `Object.defineProperty(process, 'platform', { value: 'win32' });`,
    /win32-\w+; supported are linux-x64/,
  ],
  'another ABI': [
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, modules: '999' } });`,
    /no binary for Node \S+ \(ABI 999\)/,
  ],
  Electron: [
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, electron: '45.4.1' } });`,
    /electron 45\.4\.1 is not supported/,
  ],
  musl: [
    `const { getReport } = process.report;
    process.report.getReport = () => {
      const report = getReport.call(process.report);
      delete report.header.glibcVersionRuntime;
      return report;
    };`,
    /musl.*node:22-slim/,
  ],
} as const;

test.each(Object.entries(PLACES))('%s: one error that says so', async (_, [pretend, message]) => {
  const index = pathToFileURL(join(copy, 'dist/index.js')).href;
  const { stdout } = await run(`${pretend} ${tryStart(index)}`);
  const [ours, code, text, tracing] = JSON.parse(stdout);
  expect([ours, code, tracing]).toEqual([true, 'ERR_UNSUPPORTED_PLATFORM', false]);
  expect(text).toMatch(message);
});

const withConfig = (variables: object) => `
  const { config } = process;
  const variables = { ...config.variables, ...${JSON.stringify(variables)} };
  Object.defineProperty(process, 'config', { value: { ...config, variables } });`;

test.each([
  ['pointer compression', { v8_enable_pointer_compression: 1 }],
  ['pointer compression, as gyp may write it', { v8_enable_pointer_compression: 'true' }],
  ['the sandbox', { v8_enable_sandbox: true }],
  ['a shared cage', { v8_enable_pointer_compression_shared_cage: 1 }],
  ['small numbers', { v8_enable_31bit_smis_on_64bit_arch: 1 }],
  ['code outside of the cage', { v8_enable_external_code_space: '1' }],
])('a V8 with %s: refused before the binary is loaded, and that is named', async (_, variables) => {
  const [name] = Object.keys(variables) as [string];
  const result = await evaluate<{ code: string; message: string; loaded: boolean }>(
    `${withConfig(variables)}
    try { tracemalloc.start({ precision: 'function' }); } catch ({ code, message }) {
      const loaded = process.report.getReport().sharedObjects.some((file) => file.includes('tracemalloc.abi'));
      report({ code, message, loaded });
    }`,
  );
  expect(result).toMatchObject({ code: 'ERR_UNSUPPORTED_PLATFORM', loaded: false });
  expect(result.message).toMatch(new RegExp(`V8 built with ${name},.*use a build of Node without`));
  const outcome = await run(`console.log('served'); process.exitCode = 7;`, {
    args: ['--import', `data:text/javascript,${encodeURIComponent(withConfig(variables))}`].concat([
      '--import',
      REGISTER_URL,
    ]),
    env: { TRACEMALLOC: '1' },
  });
  expect(outcome).toMatchObject({ code: 7, stdout: 'served\n' });
  expect(outcome.stderr.trim().split('\n')).toEqual([expect.stringContaining(name)]);
});

test('switches that are off, or change nothing that the binary knows, are no obstacle', async () => {
  const variables = {
    v8_enable_pointer_compression: 0,
    v8_enable_sandbox: 'false',
    v8_enable_lite_mode: 1,
  };
  const tracing = `${withConfig(variables)} tracemalloc.start(); report(tracemalloc.isTracing());`;
  expect(await evaluate<boolean>(tracing)).toBe(true);
  const without = `Object.defineProperty(process, 'config', { value: undefined });
    tracemalloc.start(); report(tracemalloc.isTracing());`;
  expect(await evaluate<boolean>(without)).toBe(true);
});

const major = Number(process.versions.node.split('.')[0]);
const permission = major === 20 ? '--experimental-permission' : '--permission';

test('--permission: names the flag that allows addons', async () => {
  const result = await evaluate<{ code: string; message: string }>(
    `try { tracemalloc.start(); } catch ({ code, message }) { report({ code, message }); }`,
    { args: [permission, '--allow-fs-read=*'] },
  );
  expect(result.code).toBe('ERR_UNSUPPORTED_PLATFORM');
  expect(result.message).toContain('--allow-addons');
});

test.skipIf(major === 20)('--permission with --allow-addons: traces', async () => {
  const result = await evaluate<string>(
    `tracemalloc.start(); report(tracemalloc.status().engine);`,
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
    const outcome = await run(tryStart(pathToFileURL(join(copy, 'dist/index.js')).href));
    expect(outcome).toMatchObject({ code: 0, signal: null });
    return JSON.parse(outcome.stdout);
  } finally {
    rmSync(join(copy, 'prebuilds'), { recursive: true });
  }
}

test('a binary that is none', async () => {
  const [ours, code, message] = await startWith((file) => writeFileSync(file, 'not an ELF file'));
  expect([ours, code]).toEqual([true, 'ERR_UNSUPPORTED_PLATFORM']);
  expect(message).toMatch(/does not load/);
});

// Only where the addon has been built for a second Node, as the matrix does.
test.skipIf(foreign === undefined)(
  'a binary built for another Node refuses by itself',
  async () => {
    const [ours, code, message] = await startWith((file) => cpSync(foreign as string, file));
    expect([ours, code]).toEqual([true, 'ERR_UNSUPPORTED_PLATFORM']);
    expect(message).toMatch(/built for (another )?Node/);
  },
);

test('an addon built for another ABI is asked nothing else', async () => {
  const result = await evaluate<{ code: string; message: string }>(`
    import { createRequire } from 'node:module';
    const require = createRequire(${JSON.stringify(import.meta.url)});
    const file = require.resolve(${JSON.stringify(`../../${PREBUILDS}/${nameFor(abi)}`)});
    const exports = new Proxy({ builtFor: 42 }, {
      get(target, name) { return name === 'builtFor' ? 42 : process.abort(); },
    });
    require.cache[file] = { id: file, filename: file, loaded: true, exports };
    try { tracemalloc.start(); } catch ({ code, message }) { report({ code, message }); }
  `);
  expect(result.code).toBe('ERR_UNSUPPORTED_PLATFORM');
  expect(result.message).toContain('ABI 42');
  expect(result.message).toContain(`ABI ${abi}`);
});

test('register: one warning, and the service runs on', async () => {
  const outcome = await run(`console.log('served'); process.exitCode = 7;`, {
    args: ['--import', pathToFileURL(join(copy, 'dist/register.js')).href],
    env: { TRACEMALLOC: '1' },
  });
  expect(outcome).toMatchObject({ code: 7, stdout: 'served\n' });
  expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
  expect(outcome.stderr).toContain(`ABI ${abi}`);
});

// SPDX-License-Identifier: MIT
// Where there is no addon, start() says what is missing and what to do; register never disturbs.
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evaluate, run } from '../support/child.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const abi = process.versions.modules;
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

test('a binary that is none, or of another ABI', async () => {
  const directory = join(copy, 'prebuilds', `${process.platform}-${process.arch}`);
  const file = join(directory, `tracemalloc.abi${abi}.glibc.node`);
  const index = pathToFileURL(join(copy, 'dist/index.js')).href;
  const other = abi === '127' ? '115' : '127';
  const built = join(ROOT, 'prebuilds', `${process.platform}-${process.arch}`);
  try {
    cpSync(built, directory, { recursive: true });
    writeFileSync(file, 'not an ELF file');
    const broken = JSON.parse((await run(tryStart(index))).stdout);
    expect(broken.slice(0, 2)).toEqual([true, 'ERR_UNSUPPORTED_PLATFORM']);
    expect(broken[2]).toMatch(/does not load/);
    const foreign = join(built, `tracemalloc.abi${other}.glibc.node`);
    rmSync(file);
    cpSync(foreign, file);
    const outcome = await run(tryStart(index));
    expect(outcome.signal, outcome.stderr).toBe(null);
    const mismatched = JSON.parse(outcome.stdout);
    expect(mismatched.slice(0, 2)).toEqual([true, 'ERR_UNSUPPORTED_PLATFORM']);
  } finally {
    rmSync(join(copy, 'prebuilds'), { recursive: true });
  }
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

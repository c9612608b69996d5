// SPDX-License-Identifier: MIT
// Platforms without a binary: it is built from source with the documented command, or there is one
// clear error. Also runtimes that only resemble Node.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { findingOf, makeApplication } from './setup/application.js';
import { fetchTool } from './setup/clients.js';
import { attempt, command } from './setup/command.js';

let directory: string;

beforeAll(() => {
  directory = makeApplication(`file:${inject('packed').tarball}`);
  command('npm', ['install', '--no-audit', '--no-fund'], { cwd: directory });
  writeFileSync(
    join(directory, 'tries.mjs'),
    `import { start } from 'tracemalloc';
    try { start(); } catch ({ code, message }) { console.log(JSON.stringify({ code, message })); }`,
  );
  writeFileSync(
    join(directory, 'serves.mjs'),
    `import 'tracemalloc/register'; console.log('served');`,
  );
});

describe('building from source', () => {
  // The Node that has npm, and with it node-gyp, beside it.
  const { version, execPath: executable } = process;
  const build = 'node_modules/tracemalloc/scripts/build-native.mjs';
  let prebuilds: string;
  beforeAll(() => {
    prebuilds = join(directory, 'node_modules/tracemalloc/prebuilds');
    rmSync(join(prebuilds, 'linux-x64'), { recursive: true });
  });

  test('no binary, and no compiler: both say what to do', () => {
    const { stdout } = attempt(executable, ['tries.mjs'], { cwd: directory });
    const { code, message } = JSON.parse(stdout);
    expect(code).toBe('ERR_UNSUPPORTED_PLATFORM');
    expect(message).toContain(`node ${build}`);

    const empty = join(directory, 'empty-path');
    mkdirSync(empty);
    const built = attempt(executable, [build], { cwd: directory, env: { PATH: empty } });
    expect(built.status).toBe(1);
    expect(built.stderr.trim().split('\n')).toHaveLength(1);
    expect(built.stderr).toContain('apt-get install g++ make python3');
    expect(existsSync(join(prebuilds, 'linux-x64'))).toBe(false);
  });

  test('with a compiler: builds, and works', () => {
    command(executable, [build], { cwd: directory });
    const found = findingOf(command(executable, ['esm.mjs'], { cwd: directory }));
    expect(found).toMatchObject({ nodeVersion: version, precision: 'line' });
  }, 400_000);
});

const RUNTIMES = [
  {
    name: 'bun',
    version: '1.4.5',
    run: () => [join(fetchTool('@oven/bun-linux-x64', '1.4.5'), 'bin/bun')],
  },
  {
    name: 'deno',
    version: '2.9.6',
    run: () => [join(fetchTool('@deno/linux-x64-glibc', '2.9.6'), 'deno'), 'run', '--allow-all'],
  },
];

describe.each(RUNTIMES)('$name', ({ name, version, run }) => {
  const runFile = (file: string, env = {}) => {
    const [program, ...args] = run();
    return attempt(program as string, [...args, file], { cwd: directory, env });
  };

  test('start() says that it is not supported', () => {
    const { status, stdout } = runFile('tries.mjs');
    expect(status).toBe(0);
    const { code, message } = JSON.parse(stdout);
    expect(code).toBe('ERR_UNSUPPORTED_PLATFORM');
    expect(message).toContain(`${name} ${version} is not supported`);
  });

  test('register: one warning, and the service runs on', () => {
    const { status, stdout, stderr } = runFile('serves.mjs', { TRACEMALLOC: '1' });
    expect(status).toBe(0);
    expect(stdout).toBe('served\n');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(`${name} ${version} is not supported`);
  });
});

// SPDX-License-Identifier: MIT
// Platforms without a binary: it is built from source with the documented command, or the heap is
// traced without it. Also runtimes that only resemble Node.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { ensureOtherNode } from '../../scripts/nodes.mjs';
import { findingOf, makeApplication } from './setup/application.js';
import { fetchTool } from './setup/clients.js';
import { attempt, command } from './setup/command.js';

const KEEPS = fileURLToPath(new URL('../fixtures/inspector/keeps.mjs', import.meta.url));

let directory: string;

beforeAll(() => {
  directory = makeApplication(`file:${inject('packed').tarball}`);
  command('npm', ['install', '--no-audit', '--no-fund'], { cwd: directory });
  writeFileSync(
    join(directory, 'tries.mjs'),
    `import { start } from 'tracemalloc';
    try { start({ precision: process.argv[2] ?? 'auto' }); } catch ({ code, message }) { console.log(JSON.stringify({ code, message })); }`,
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

  test('no binary for lines, and no compiler: both say what to do', () => {
    const { stdout } = attempt(executable, ['tries.mjs', 'line'], { cwd: directory });
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

const ARCHITECTURES = [
  ['s390x', 's390x', 'qemu-s390x-static', 's390x-linux-gnu'],
  ['armv7l', 'arm', 'qemu-arm-static', 'arm-linux-gnueabihf'],
  ['ppc64le', 'ppc64', 'qemu-ppc64le-static', 'powerpc64le-linux-gnu'],
] as const;

// With the packages of `scripts/setup-debian.sh --cross`.
describe.each(ARCHITECTURES)('%s', (name, arch, qemu, triplet) => {
  test.skipIf(!existsSync(`/usr/${triplet}/lib/libstdc++.so.6`))(
    'is traced by function',
    () => {
      const executable = ensureOtherNode(name);
      // Node 20.11 lacks it.
      const preload = join(directory, 'has-builtin-modules.cjs');
      writeFileSync(preload, 'process.getBuiltinModule = (name) => require(name);');
      const index = pathToFileURL(join(directory, 'node_modules/tracemalloc/dist/index.js')).href;
      const args = ['-L', `/usr/${triplet}`, executable, '--require', preload, KEEPS, index];
      const result = JSON.parse(command(qemu, args));
      expect(result).toMatchObject({ engine: 'inspector', precision: 'function' });
      expect(result.reason).toContain(`on linux-${arch}; `);
      expect(Math.abs(result.size - result.truth)).toBeLessThan(4 * result.error);
    },
    300_000,
  );
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

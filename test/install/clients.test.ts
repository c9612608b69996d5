// SPDX-License-Identifier: MIT
// The tarball, installed by every package manager, runs under every Node, imported and required,
// without a compiler on the path and without scripts at installation.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { ensureNodes } from '../../scripts/nodes.mjs';
import { findingOf, makeApplication } from './setup/application.js';
import { CLIENTS } from './setup/clients.js';
import { command } from './setup/command.js';

const { tarball } = inject('packed');
const nodes = ensureNodes();

describe.each(CLIENTS.map((client) => [client.name, client] as const))('%s', (_, client) => {
  let directory: string;
  beforeAll(() => {
    directory = makeApplication(`file:${tarball}`);
    client.install(directory);
  });

  test('builds nothing', () => {
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.endsWith('tracemalloc/package.json'))).not.toEqual([]);
    expect(files.filter((file) => /tracemalloc\/build$/.test(file))).toEqual([]);
  });

  const runs = nodes.flatMap((node) => ['esm.mjs', 'cjs.cjs'].map((file) => ({ ...node, file })));
  test.each(runs)('Node $version, $file', ({ version, executable, file }) => {
    const args = [...(client.nodeArguments?.(directory) ?? []), file];
    const found = findingOf(
      command(executable, args, { cwd: directory, env: { PATH: dirname(executable) } }),
    );
    expect(found).toMatchObject({ nodeVersion: `v${version}`, precision: 'line' });
    expect(found.top).toBe(`${join(directory, file)}:5`);
    expect(found.size / 8e6).toBeCloseTo(1, 1);
  });
});

// SPDX-License-Identifier: MIT
// A checkout as a dependency, by its directory and by git: no package manager takes the binding.gyp
// in its root for a request to build.
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findingOf, makeApplication } from './setup/application.js';
import { CLIENTS } from './setup/clients.js';
import { command } from './setup/command.js';

const ROOT = dirname(dirname(import.meta.dirname));
let checkout: string;

beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'tracemalloc-checkout-'));
  for (const path of command('git', ['ls-files'], { cwd: ROOT }).trim().split('\n')) {
    if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(checkout, path));
  }
  const git = (...args: string[]) =>
    command('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], {
      cwd: checkout,
    });
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'a checkout');
  for (const built of ['dist', 'prebuilds']) {
    cpSync(join(ROOT, built), join(checkout, built), { recursive: true });
  }
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

const builtIn = (directory: string) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(^|tracemalloc\/)build(\/|$)/.test(file),
  );

describe.each(CLIENTS.map((client) => [client.name, client] as const))('%s', (_, client) => {
  test('file: builds nothing, and runs', () => {
    const directory = makeApplication(`file:${checkout}`);
    client.install(directory);
    expect(existsSync(join(checkout, 'binding.gyp'))).toBe(true);
    expect([...builtIn(checkout), ...builtIn(directory)]).toEqual([]);
    const args = [...(client.nodeArguments?.(directory) ?? []), 'esm.mjs'];
    const found = findingOf(command(process.execPath, args, { cwd: directory }));
    expect(found.precision).toBe('line');
  });

  if (!client.takesGitFiles) return;
  test('git+file: builds nothing', () => {
    const directory = makeApplication(`git+file://${checkout}`);
    client.install(directory);
    expect([...builtIn(checkout), ...builtIn(directory)]).toEqual([]);
  });
});

// SPDX-License-Identifier: MIT
// Programs that only start others are not traced, unless their own command line says so.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { INHERITED } from '../support/environment.js';

const directory = mkdtempSync(join(tmpdir(), 'launchers-test-'));
beforeAll(() => {
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(
    fileURLToPath(new URL('../..', import.meta.url)),
    join(directory, 'node_modules/tracemalloc'),
  );
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function isTraced(
  script: string,
  { args = [], ...env }: { args?: readonly string[]; NODE_OPTIONS?: string },
): string {
  const launcher = join(directory, script);
  mkdirSync(dirname(launcher), { recursive: true });
  writeFileSync(launcher, "console.log(require('tracemalloc').isTracing())");
  const { stdout } = spawnSync(process.execPath, [...args, launcher], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...INHERITED, TRACEMALLOC: '1', ...env },
  });
  return stdout.trim();
}

const NODE_OPTIONS = '--require tracemalloc/register';
const NODEMON = 'node_modules/nodemon/bin/nodemon.js';

test.each([
  NODEMON,
  'node_modules/npm/bin/npm-cli.js',
  'node_modules/npm/bin/npx-cli.js',
  'node_modules/pnpm/bin/pnpm.cjs',
  'node_modules/yarn/bin/yarn.js',
  'node_modules/@yarnpkg/cli-dist/bin/yarn.js',
  '.yarn/releases/yarn-4.9.0.cjs',
  'node_modules/corepack/dist/pnpm.js',
  'node_modules/@nestjs/cli/bin/nest.js',
  'node_modules/tsx/dist/cli.cjs',
])('NODE_OPTIONS does not trace %s', (script) => {
  expect(isTraced(script, { NODE_OPTIONS })).toBe('false');
});

test.each(['app/server.js', 'node_modules/yarn-of-ours/bin/yarn.js', 'npm/server.js'])(
  'NODE_OPTIONS traces %s',
  (script) => {
    expect(isTraced(script, { NODE_OPTIONS })).toBe('true');
  },
);

test.each([[['--require', 'tracemalloc/register']], [['--import=tracemalloc/register']]])(
  'its own command line does: %j',
  (args) => {
    expect(isTraced(NODEMON, { args })).toBe('true');
  },
);

// SPDX-License-Identifier: MIT
// Installs the programs of package.json from the npm registry, in a cache outside the repository.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tracemalloc');

/** The directory that has them in its node_modules. */
export function installPrograms() {
  const lock = readFileSync(join(import.meta.dirname, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex').slice(0, 12);
  const directory = join(cache, `programs-${hash}`);
  if (existsSync(directory)) return directory;
  mkdirSync(cache, { recursive: true });
  // Renamed when complete, so an interrupted run leaves nothing incomplete.
  const temporary = mkdtempSync(join(cache, 'fetch-'));
  for (const name of ['package.json', 'package-lock.json'])
    copyFileSync(join(import.meta.dirname, name), join(temporary, name));
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: temporary,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`npm ci of programs/package-lock.json ended with ${status}`);
  renameSync(temporary, directory);
  return directory;
}

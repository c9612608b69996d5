#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// Builds the addon for the Node that runs this script, into prebuilds/, the only place where the
// loader looks. Works in an installed package, too. Each ABI has its own build directory, so builds
// for several ABIs can coexist; if the sources are unchanged, nothing is built.
//
//   node scripts/build-native.mjs [--probe] [--arch arm64]
//     --probe: the test-only addon as well
//     --arch: for another architecture, by the cross compiler of scripts/setup-debian.sh --cross
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  binaryPath,
  buildDirectory,
  compileAddon,
  sourceHash,
  toolsFor,
} from './compile-addon.mjs';

const { version, platform } = process;
const abi = process.versions.modules;
const { values: flags } = parseArgs({
  options: {
    probe: { type: 'boolean', default: false },
    arch: { type: 'string', default: process.arch },
  },
});
const { arch } = flags;

function fail(message) {
  console.error(`build-native: ${message}`);
  process.exit(1);
}

/** The directory whose include/node/ holds headers of exactly this Node; undefined: none known. */
function findHeaders() {
  const candidates = [dirname(dirname(process.execPath)), process.env.npm_config_nodedir];
  const seen = [];
  for (const prefix of candidates.filter(Boolean)) {
    const file = join(prefix, 'include/node/node_version.h');
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    const number = (name) => new RegExp(`#define ${name} (\\d+)`).exec(text)?.[1];
    const found = ['MAJOR', 'MINOR', 'PATCH'].map((part) => number(`NODE_${part}_VERSION`));
    if (`v${found.join('.')}` === version && number('NODE_MODULE_VERSION') === abi) return prefix;
    seen.push(`${prefix} has those of Node ${found.join('.')}`);
  }
  const others = seen.length > 0 ? ` (${seen.join('; ')})` : '';
  console.warn(
    `build-native: no headers of Node ${version} beside it${others}; node-gyp will look for them`,
  );
  return undefined;
}

if (platform !== 'linux' || !['x64', 'arm64'].includes(arch)) {
  fail(`only linux on x64 and arm64 is supported, this is ${platform}-${arch}`);
}
if (process.report?.getReport().header.glibcVersionRuntime === undefined) {
  fail('this Node runs on another C library than glibc, which is not supported');
}

const binary = binaryPath(arch, abi);
const directory = buildDirectory(arch, abi);
const probe = join(directory, 'build/Release/tracemalloc_probe.node');
const stamp = join(directory, 'stamp');
const hash = `${version} ${arch} ${flags.probe} ${process.env.CXXFLAGS ?? ''} ${sourceHash()}`;
if (
  existsSync(binary) &&
  (!flags.probe || existsSync(probe)) &&
  existsSync(stamp) &&
  readFileSync(stamp, 'utf8') === hash
) {
  console.log(`build-native: ${binary} is up to date`);
  process.exit(0);
}

const compilers = toolsFor(arch) === '' ? ['g++', 'c++'] : [`${toolsFor(arch)}g++`];
for (const [tool, ...alternatives] of [compilers, ['make'], ['python3', 'python']]) {
  if ([tool, ...alternatives].every((name) => spawnSync(name, ['--version']).error)) {
    fail(
      `${tool} is missing: install a compiler (Debian: apt-get install g++ make python3; for another architecture scripts/setup-debian.sh --cross)`,
    );
  }
}

try {
  rmSync(stamp, { force: true });
  const headers = findHeaders();
  const warnings = compileAddon({ directory, arch, binary, headers, probe: flags.probe });
  if (warnings.length > 0) console.warn(warnings.join('\n'));
} catch (error) {
  fail(error.message);
}
mkdirSync(directory, { recursive: true });
writeFileSync(stamp, hash);
console.log(`build-native: built ${binary} for Node ${version}`);

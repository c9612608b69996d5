// SPDX-License-Identifier: MIT
// Builds the addon for the Node that runs this script, into prebuilds/: the one place where the
// loader looks. Each ABI has a build directory of its own, so that several can stand side by side;
// with unchanged sources nothing is built.
//
//   node scripts/build-native.mjs [--probe]     --probe: the test-only addon as well
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const abi = process.versions.modules;
const { values: flags } = parseArgs({ options: { probe: { type: 'boolean', default: false } } });

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
    const version = ['MAJOR', 'MINOR', 'PATCH'].map((part) => number(`NODE_${part}_VERSION`));
    if (`v${version.join('.')}` === process.version && number('NODE_MODULE_VERSION') === abi) {
      return { prefix };
    }
    seen.push(`${prefix} has those of Node ${version.join('.')}`);
  }
  return { seen };
}

function sourceHash() {
  const hash = createHash('sha256').update(process.version).update(String(flags.probe));
  const files = [
    'binding.gyp',
    ...readdirSync(join(root, 'native'), { recursive: true })
      .map((name) => join('native', name))
      .filter((name) => /\.(cc|h)$/.test(name))
      .sort(),
  ];
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
  fail(`only linux-x64 is supported for now, this is ${process.platform}-${process.arch}`);
}
if (process.report?.getReport().header.glibcVersionRuntime === undefined) {
  fail('this Node runs on another C library than glibc, which is not supported yet');
}

const target = join(root, `prebuilds/${process.platform}-${process.arch}`);
const binary = join(target, `tracemalloc.abi${abi}.glibc.node`);
const directory = join(root, `build/abi${abi}`);
const probe = join(directory, 'build/Release/tracemalloc_probe.node');
const stamp = join(directory, 'stamp');
const hash = sourceHash();
if (
  existsSync(binary) &&
  (!flags.probe || existsSync(probe)) &&
  existsSync(stamp) &&
  readFileSync(stamp, 'utf8') === hash
) {
  console.log(`build-native: ${binary} is up to date`);
  process.exit(0);
}

if (spawnSync('g++', ['--version']).error && spawnSync('c++', ['--version']).error) {
  fail('no C++ compiler found: install one (Debian: apt-get install g++ make python3)');
}
const { prefix, seen } = findHeaders();
if (prefix === undefined) {
  console.warn(
    `build-native: no headers of Node ${process.version} beside it` +
      `${seen.length > 0 ? ` (${seen.join('; ')})` : ''}; node-gyp will look for them`,
  );
}

mkdirSync(directory, { recursive: true });
rmSync(stamp, { force: true });
for (const name of ['binding.gyp', 'native']) {
  if (!existsSync(join(directory, name))) symlinkSync(join('../..', name), join(directory, name));
}
const nodeGyp = join(root, 'node_modules/node-gyp/bin/node-gyp.js');
if (!existsSync(nodeGyp)) fail('node-gyp is not installed: run npm ci first');
const environment = { ...process.env };
delete environment.npm_config_nodedir;
const args = ['configure', 'build', '--jobs', 'max', ...(flags.probe ? ['--probe=1'] : [])];
const built = spawnSync(
  process.execPath,
  [nodeGyp, ...args, ...(prefix === undefined ? [] : [`--nodedir=${prefix}`])],
  { cwd: directory, env: environment, encoding: 'utf8' },
);
if (built.status !== 0) {
  process.stderr.write(`${built.stdout}${built.stderr}`);
  fail(`node-gyp ended with ${built.status ?? built.signal}; its output is above`);
}
const warnings = `${built.stdout}${built.stderr}`
  .split('\n')
  .filter((line) => /warning:/.test(line));
if (warnings.length > 0) console.warn(warnings.join('\n'));

mkdirSync(target, { recursive: true });
rmSync(binary, { force: true }); // never write into a file that a process has mapped
copyFileSync(join(directory, 'build/Release/tracemalloc.node'), binary);
spawnSync('strip', ['--strip-unneeded', binary]);
writeFileSync(stamp, hash);
console.log(`build-native: built ${binary} for Node ${process.version}`);

// SPDX-License-Identifier: MIT
// Builds the binaries of the published package with prebuildify, for every supported Node, on x64
// and (by a cross compiler) arm64. In addition, prebuilds/manifest.json records the sources and the
// tools of each binary, binaries that are up to date are not built again, and a binary is rejected
// if it is too large or needs newer system libraries than the oldest supported system has.
//
//   node scripts/prebuild.mjs [--verify] [--arch x64|arm64] [version prefix ...]
//     --verify: builds again, in another directory, and compares the bytes with those in prebuilds/
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import {
  abiOf,
  binaryPath,
  buildEnvironment,
  prepareDirectory,
  ROOT,
  sourceHash,
  toolsFor,
  warningsIn,
} from './compile-addon.mjs';
import { ensureNodes } from './nodes.mjs';

const require = createRequire(import.meta.url);

/** The versions of RHEL 8 and Debian 10, which Node's own binaries need, too. */
const CEILING = { GLIBC: '2.28', GLIBCXX: '3.4.25', CXXABI: '1.3.11' };
const SIZE_CEILING = 704 * 1024;

const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    verify: { type: 'boolean', default: false },
    arch: { type: 'string', multiple: true, default: ['x64', 'arm64'] },
  },
});

const manifestFile = join(ROOT, 'prebuilds/manifest.json');
const problems = [];
for (const arch of flags.arch) {
  for (const node of ensureNodes({ arch, wanted })) {
    if (flags.verify) verify(arch, node);
    else build(arch, node);
  }
}
for (const problem of problems) console.error(`prebuild: ${problem}`);
process.exit(problems.length > 0 ? 1 : 0);

function build(arch, node) {
  const abi = abiOf(node.directory);
  const binary = binaryPath(arch, abi);
  const made = { node: node.version, abi, compiler: compilerVersion(arch), source: sourceHash() };
  const known = readManifest().find(({ file }) => file === relative(ROOT, binary));
  if (known !== undefined && isCurrent(known, made)) {
    console.log(`${known.file} is up to date`);
    return;
  }
  const directory = join(ROOT, `build/prebuild-${arch}-abi${abi}`);
  const started = Date.now();
  const warnings = prebuildify({ arch, node, directory, out: ROOT });
  const ours = warnings.filter((warning) => !warning.startsWith(node.directory));
  problems.push(...ours.map((warning) => `${basename(binary)}: ${warning}`));
  const command = commandIn(directory, { [directory]: '.', [node.directory]: '$NODE' });
  const entry = { ...describe(binary), ...made, command };
  check(entry);
  addToManifest(entry);
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  const needs = Object.entries(entry.needs).map(([library, version]) => `${library} ${version}`);
  console.log(`${entry.file}: ${entry.size} bytes, needs ${needs.join(', ')}; ${seconds} s`);
}

function verify(arch, node) {
  const abi = abiOf(node.directory);
  const file = relative(ROOT, binaryPath(arch, abi));
  const directory = join(ROOT, `build/verify-${arch}-abi${abi}`);
  rmSync(directory, { recursive: true, force: true });
  prebuildify({ arch, node, directory, out: directory });
  const [first, second] = [ROOT, directory].map((root) => sha256(join(root, file)));
  if (first !== second) problems.push(`${file}: a second build gives other bytes`);
  else console.log(`${file}: a second build gives the same bytes, sha256 ${first}`);
}

/** Builds in `directory`, into the prebuilds/ of `out`. Returns the compiler's warnings. */
function prebuildify({ arch, node, directory, out }) {
  prepareDirectory(directory);
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [
      require.resolve('prebuildify/bin.js'),
      ...['--cwd', directory, '--out', out, '--name', 'tracemalloc', '--no-napi'],
      ...['--target', node.version, '--arch', arch, '--tag-libc', 'glibc'],
      ...['--strip', '--strip-bin', `${toolsFor(arch)}strip`],
    ],
    { env: buildEnvironment({ headers: node.directory, tools: toolsFor(arch) }), encoding: 'utf8' },
  );
  const output = `${stdout}${stderr}`;
  if (status !== 0) throw new Error(`${output}prebuildify ended with ${status ?? signal}`);
  return warningsIn(output);
}

function describe(binary) {
  const { status, stdout } = spawnSync('readelf', ['-VW', binary], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`readelf ${binary} ended with ${status}`);
  const needs = {};
  for (const [, library, version] of stdout.matchAll(/Name: (GLIBC|GLIBCXX|CXXABI)_([\d.]+)/g)) {
    if (needs[library] === undefined || isNewer(version, needs[library])) needs[library] = version;
  }
  const file = relative(ROOT, binary);
  return { file, size: statSync(binary).size, sha256: sha256(binary), needs };
}

function check({ file, size, needs }) {
  if (size > SIZE_CEILING) problems.push(`${file}: ${size} bytes, more than ${SIZE_CEILING}`);
  for (const [library, version] of Object.entries(needs)) {
    if (!isNewer(version, CEILING[library])) continue;
    problems.push(
      `${file}: needs ${library}_${version}, more than ${CEILING[library]}; \`readelf -sW\` shows by which symbol`,
    );
  }
}

function isNewer(version, other) {
  return version.localeCompare(other, 'en', { numeric: true }) > 0;
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

// The compiler's command line for one file, as make recorded it.
function commandIn(directory, names) {
  const record = 'build/Release/.deps/Release/obj.target/tracemalloc/native/addon.o.d';
  const [line] = readFileSync(join(directory, record), 'utf8').split('\n', 1);
  let command = line.replace(/^cmd_\S+ := /, '').trim();
  for (const [path, name] of Object.entries(names)) command = command.replaceAll(path, name);
  return command;
}

function compilerVersion(arch) {
  const { stdout, error } = spawnSync(`${toolsFor(arch)}g++`, ['--version'], { encoding: 'utf8' });
  if (error === undefined) return stdout.split('\n', 1)[0];
  console.error(`prebuild: ${toolsFor(arch)}g++ is missing: run scripts/setup-debian.sh --cross`);
  process.exit(1);
}

function readManifest() {
  return existsSync(manifestFile) ? JSON.parse(readFileSync(manifestFile, 'utf8')).binaries : [];
}

function addToManifest(entry) {
  const others = readManifest().filter(({ file }) => file !== entry.file);
  const binaries = [...others, entry].sort((a, b) => a.file.localeCompare(b.file));
  writeFileSync(manifestFile, `${JSON.stringify({ binaries }, undefined, 2)}\n`);
}

function isCurrent(entry, made) {
  const file = join(ROOT, entry.file);
  const isSame = Object.entries(made).every(([name, value]) => entry[name] === value);
  return isSame && existsSync(file) && sha256(file) === entry.sha256;
}

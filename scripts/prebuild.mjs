// SPDX-License-Identifier: MIT
// Builds the binaries of the published package, for every supported Node, on x64 and (by a cross
// compiler) arm64, with prebuilds/manifest.json, which says from what and how. Refuses a binary
// that is too large or asks for newer system libraries than the oldest supported system has.
//
//   node scripts/prebuild.mjs [--verify] [--arch x64|arm64] [version prefix ...]
//     --verify: builds again, elsewhere, and compares the bytes with those in prebuilds/
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { binaryPath, compileAddon, ROOT, sourceHash } from './compile-addon.mjs';
import { ensureNodes } from './nodes.mjs';

/** The newest versions that RHEL 8 and Debian 10 have, which is what Node's own binaries ask for. */
const CEILING = { GLIBC: '2.28', GLIBCXX: '3.4.25', CXXABI: '1.3.11' };
const SIZE_CEILING = 400 * 1024;
const TOOLS = { x64: '', arm64: 'aarch64-linux-gnu-' };

const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    verify: { type: 'boolean', default: false },
    arch: { type: 'string', multiple: true, default: Object.keys(TOOLS) },
  },
});

const problems = [];
const binaries = flags.arch.flatMap((arch) =>
  ensureNodes(arch)
    .filter(({ version }) => wanted.length === 0 || wanted.some((w) => version.startsWith(`${w}.`)))
    .map((node) => (flags.verify ? verify(arch, node) : build(arch, node))),
);
if (!flags.verify) writeManifest();
for (const problem of problems) console.error(`prebuild: ${problem}`);
process.exit(problems.length > 0 ? 1 : 0);

function build(arch, node) {
  const abi = abiOf(node.directory);
  const binary = binaryPath(arch, abi);
  const directory = join(ROOT, `build/prebuild-${arch}-abi${abi}`);
  const started = Date.now();
  const warnings = compile({ arch, node, directory, binary });
  problems.push(...warnings.map((warning) => `${basename(binary)}: ${warning}`));
  const entry = describe(binary, { abi, node: node.version });
  entry.compile = commandIn(directory, [
    [directory, '.'],
    [node.directory, '$NODE'],
  ]);
  check(entry);
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  console.log(`${entry.file}: ${entry.size} bytes, ${requirements(entry)}, ${seconds} s`);
  return entry;
}

function verify(arch, node) {
  const abi = abiOf(node.directory);
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-verify-'));
  try {
    const again = join(directory, 'again.node');
    compile({ arch, node, directory, binary: again });
    const [first, second] = [binaryPath(arch, abi), again].map((file) => sha256(file));
    const file = relative(ROOT, binaryPath(arch, abi));
    if (first !== second) problems.push(`${file}: a second build gives other bytes`);
    else console.log(`${file}: a second build gives the same bytes, sha256 ${first}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function compile({ arch, node, directory, binary }) {
  const { version, directory: headers } = node;
  const build = { directory, binary, arch, headers, version, probe: false, tools: TOOLS[arch] };
  rmSync(join(directory, 'build'), { recursive: true, force: true });
  return compileAddon(build);
}

function describe(binary, about) {
  const { status, stdout } = spawnSync('readelf', ['-VW', binary], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`readelf ${binary} ended with ${status}`);
  const needs = {};
  for (const [, library, version] of stdout.matchAll(/Name: (GLIBC|GLIBCXX|CXXABI)_([\d.]+)/g)) {
    if (needs[library] === undefined || isNewer(version, needs[library])) needs[library] = version;
  }
  return {
    file: relative(ROOT, binary),
    ...about,
    size: statSync(binary).size,
    sha256: sha256(binary),
    needs,
  };
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

function requirements({ needs }) {
  return Object.entries(needs)
    .map(([library, version]) => `${library} ${version}`)
    .join(', ');
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function abiOf(directory) {
  const text = readFileSync(join(directory, 'include/node/node_version.h'), 'utf8');
  return /#define NODE_MODULE_VERSION (\d+)/.exec(text)[1];
}

// The compiler's command line for one file, as make recorded it.
function commandIn(directory, replacements) {
  const record = join(
    directory,
    'build/Release/.deps/Release/obj.target/tracemalloc/native/addon.o.d',
  );
  let command = readFileSync(record, 'utf8')
    .split('\n', 1)[0]
    .replace(/^cmd_\S+ := /, '')
    .trim();
  for (const [path, name] of replacements) command = command.replaceAll(path, name);
  return command;
}

// Of all that lies in prebuilds/, so that a build of some keeps the others' entries.
function writeManifest() {
  const file = join(ROOT, 'prebuilds/manifest.json');
  const source = sourceHash();
  const built = new Map(binaries.map((entry) => [entry.file, entry]));
  for (const entry of readManifest(file).binaries) {
    const isKept = !built.has(entry.file) && readManifest(file).sourceHash === source;
    if (isKept && isUnchanged(entry)) built.set(entry.file, entry);
  }
  const compilers = Object.fromEntries(
    Object.entries(TOOLS).map(([arch, prefix]) => [arch, versionOf(`${prefix}g++`)]),
  );
  const manifest = {
    sourceHash: source,
    compilers,
    binaries: [...built.values()].sort((a, b) => a.file.localeCompare(b.file)),
  };
  writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
}

function readManifest(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { binaries: [] };
  }
}

function isUnchanged({ file, sha256: expected }) {
  const path = join(ROOT, file);
  return readdirSync(dirname(path)).includes(basename(path)) && sha256(path) === expected;
}

function versionOf(compiler) {
  const { stdout } = spawnSync(compiler, ['--version'], { encoding: 'utf8' });
  return stdout?.split('\n', 1)[0] ?? 'not installed';
}

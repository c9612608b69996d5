// SPDX-License-Identifier: MIT
// Where and how native/ is compiled: what build-native.mjs does for the Node that runs it, and
// prebuild.mjs for all of them. Also part of the published package, to build where there is no
// binary, so it uses Node's own modules only, and whichever node-gyp is at hand.
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
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where the loader looks for the binary. */
export function binaryPath(arch, abi) {
  return join(ROOT, `prebuilds/linux-${arch}/tracemalloc.abi${abi}.glibc.node`);
}

/** Of everything that goes into a binary. */
export function sourceHash() {
  const hash = createHash('sha256');
  const names = readdirSync(join(ROOT, 'native'), { recursive: true })
    .filter((name) => /\.(cc|h|gypi|map)$/.test(name))
    .sort();
  for (const name of names) hash.update(name).update(readFileSync(join(ROOT, 'native', name)));
  return hash.digest('hex');
}

/** Of an ABI, so that several can stand side by side. */
export function buildDirectory(arch, abi) {
  return join(ROOT, arch === process.arch ? `build/abi${abi}` : `build/${arch}-abi${abi}`);
}

/** What a build directory holds that needs no building again. */
export function stampOf({ version, arch, probe }) {
  return `${version} ${arch} ${probe} ${process.env.CXXFLAGS ?? ''} ${sourceHash()}`;
}

/** Gives `directory` a binding.gyp and native/. */
export function prepareBuild(directory) {
  mkdirSync(directory, { recursive: true });
  for (const name of ['binding.gyp', 'native']) rmSync(join(directory, name), { force: true });
  symlinkSync(join(ROOT, 'native'), join(directory, 'native'));
  const gyp = join(ROOT, 'binding.gyp'); // not in the package: see there
  if (existsSync(gyp)) symlinkSync(gyp, join(directory, 'binding.gyp'));
  else writeFileSync(join(directory, 'binding.gyp'), '{ "includes": ["native/tracemalloc.gypi"] }');
}

/**
 * What node-gyp is to find in its environment. `headers`: the directory with include/node/;
 * undefined: it looks for them. `tools`: the prefix of a cross compiler. `probe`: the test-only
 * addon as well.
 */
export function buildEnvironment({ headers, probe, tools = '' }) {
  const { npm_config_nodedir: _, ...environment } = process.env;
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`;
  return {
    ...environment,
    ...{ PATH: path, LC_ALL: 'C', SOURCE_DATE_EPOCH: '0' },
    ...(headers !== undefined && { npm_config_nodedir: headers }),
    ...(probe && { npm_config_probe: '1' }),
    ...(tools !== '' && { CC: `${tools}gcc`, CXX: `${tools}g++`, AR: `${tools}ar` }),
  };
}

/**
 * Compiles what has changed in `directory`, and copies the stripped addon to `binary`. Answers the
 * warnings; throws an Error with the output.
 */
export function compileAddon({ directory, binary, arch, headers, version, probe }) {
  prepareBuild(directory);
  const command = ['configure', 'build', '--jobs', 'max', `--arch=${arch}`, `--target=${version}`];
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [findNodeGyp(), ...command],
    { cwd: directory, env: buildEnvironment({ headers, probe }), encoding: 'utf8' },
  );
  const output = `${stdout}${stderr}`;
  if (status !== 0) throw new Error(`${output}node-gyp ended with ${status ?? signal}`);
  mkdirSync(dirname(binary), { recursive: true });
  rmSync(binary, { force: true }); // never write into a file that a process has mapped
  copyFileSync(join(directory, 'build/Release/tracemalloc.node'), binary);
  spawnSync('strip', ['--strip-all', binary]);
  return warningsIn(output);
}

export function warningsIn(output) {
  return output.split('\n').filter((line) => /warning:/.test(line));
}

// A dependency of a checkout or of the application, or npm's own.
function findNodeGyp() {
  const beside = join(dirname(process.execPath), '../lib/node_modules/npm');
  const candidates = [
    () => require.resolve('node-gyp/bin/node-gyp.js'),
    () => require.resolve('node-gyp/bin/node-gyp.js', { paths: [process.cwd()] }),
    () => require.resolve('node-gyp/bin/node-gyp.js', { paths: [beside, '/usr/share/nodejs'] }),
  ];
  for (const candidate of candidates) {
    try {
      const file = candidate();
      if (existsSync(file)) return file;
    } catch {
      // Not there.
    }
  }
  throw new Error('node-gyp is not installed: run `npm install --save-dev node-gyp` first');
}

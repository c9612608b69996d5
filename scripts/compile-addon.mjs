// SPDX-License-Identifier: MIT
// Compiles native/ with node-gyp for the Node that runs this; has functions for prebuild.mjs, which
// does so for all Nodes with prebuildify. Also part of the published package, to build if there is
// no binary, so it uses only Node's own modules and any node-gyp that it finds.
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
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where the loader looks for the binary. */
export function binaryPath(arch, abi) {
  return join(ROOT, `prebuilds/linux-${arch}/tracemalloc.abi${abi}.glibc.node`);
}

/** Where it is compiled, with everything in between. Another architecture has its own. */
export function buildDirectory(arch, abi) {
  return join(ROOT, `build/abi${abi}${arch === process.arch ? '' : `-${arch}`}`);
}

/** The ABI of the Node with its headers in that directory. */
export function abiOf(directory) {
  const text = readFileSync(join(directory, 'include/node/node_version.h'), 'utf8');
  return /#define NODE_MODULE_VERSION (\d+)/.exec(text)[1];
}

/** The prefix of the compiler's tools for that architecture. */
export function toolsFor(arch) {
  return arch === 'arm64' && process.arch !== arch ? 'aarch64-linux-gnu-' : '';
}

/** A hash of everything that goes into a binary. */
export function sourceHash() {
  const hash = createHash('sha256');
  const names = readdirSync(join(ROOT, 'native'), { recursive: true })
    .filter((name) => /\.(cc|h|gypi|map)$/.test(name))
    .sort();
  for (const name of names) hash.update(name).update(readFileSync(join(ROOT, 'native', name)));
  return hash.digest('hex');
}

/** Creates a directory to build in, which node-gyp takes for an addon's root. */
export function prepareDirectory(directory) {
  mkdirSync(directory, { recursive: true });
  for (const name of ['binding.gyp', 'native']) rmSync(join(directory, name), { force: true });
  writeFileSync(join(directory, 'binding.gyp'), '{ "includes": ["native/addon.gypi"] }\n');
  symlinkSync(join(ROOT, 'native'), join(directory, 'native'));
}

/** `headers`: the directory with include/node/. `tools`: the prefix of a cross compiler. */
export function buildEnvironment({ headers, tools = '' }) {
  const environment = { ...process.env, LC_ALL: 'C', JOBS: 'max', SOURCE_DATE_EPOCH: '0' };
  delete environment.npm_config_nodedir;
  if (headers !== undefined) environment.npm_config_nodedir = headers;
  if (tools === '') return environment;
  return { ...environment, CC: `${tools}gcc`, CXX: `${tools}g++`, AR: `${tools}ar` };
}

export function warningsIn(output) {
  return output.split('\n').filter((line) => /warning:/.test(line));
}

/**
 * Compiles in `directory` for `arch`, and copies the stripped addon to `binary`. `headers`: the
 * directory with include/node/; undefined: node-gyp looks for them. Returns the warnings; throws an
 * Error with the output.
 */
export function compileAddon({ directory, arch, binary, headers, probe }) {
  prepareDirectory(directory);
  const tools = toolsFor(arch);
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [findNodeGyp(), 'configure', 'build', `--arch=${arch}`, ...(probe ? ['--probe=1'] : [])],
    { cwd: directory, env: buildEnvironment({ headers, tools }), encoding: 'utf8' },
  );
  const output = `${stdout}${stderr}`;
  if (status !== 0) throw new Error(`${output}node-gyp ended with ${status ?? signal}`);
  mkdirSync(dirname(binary), { recursive: true });
  rmSync(binary, { force: true }); // never overwrite a file that a process has mapped
  copyFileSync(join(directory, 'build/Release/tracemalloc.node'), binary);
  spawnSync(`${tools}strip`, ['--strip-all', binary]);
  return warningsIn(output);
}

// Finds the node-gyp of the checkout, of the application, or of npm.
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

// SPDX-License-Identifier: MIT
// Runs clang-tidy (.clang-tidy) on the addon's sources, against the oldest supported Node's
// headers.
//
//   node scripts/tidy.mjs [file ...]     default: all; takes some minutes
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atOnce } from './at-once.mjs';
import { ensureNodes } from './nodes.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [{ executable }] = ensureNodes({ wanted: ['20'] });
const flags = [
  ...['--', '-std=gnu++17', `-I${join(root, 'native')}`],
  ...['-isystem', join(root, 'node_modules/node-addon-api'), '-DNODE_ADDON_API_CPP_EXCEPTIONS'],
  ...['-isystem', join(dirname(dirname(executable)), 'include/node')],
];

// Assembler of the architecture that this machine does not have.
const FOREIGN = `native/layout/${process.arch === 'arm64' ? 'x64' : 'arm64'}/return_address.cc`;

function sources() {
  return readdirSync(join(root, 'native'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.cc') && !name.startsWith('test/'))
    .map((name) => join('native', name))
    .filter((name) => name !== FOREIGN);
}

function check(file) {
  return new Promise((resolve, reject) => {
    const child = spawn('clang-tidy-19', ['--quiet', file, ...flags], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'ignore'], // stderr has only the number of suppressed warnings
    });
    child.on('error', () =>
      reject(new Error('clang-tidy-19 is missing: apt-get install clang-tidy-19')),
    );
    child.on('close', (code) => resolve(code === 0));
  });
}

const dirty = [];
await atOnce(process.argv.length > 2 ? process.argv.slice(2) : sources(), async (file) => {
  if (!(await check(file))) dirty.push(file);
});
console.log(dirty.length === 0 ? 'tidy: clean' : `tidy: not clean: ${dirty.join(', ')}`);
process.exit(dirty.length === 0 ? 0 : 1);

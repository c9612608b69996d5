// SPDX-License-Identifier: MIT
// Builds the addon for, and runs the test suite under, every supported Node.
//
//   node scripts/test-matrix.mjs [--others] [version prefix ...]   e.g. 22 26; default: all
//     --others: not the version that runs this script, which `npm test` has just tested; tests that
//               read V8 run on each, the other tests on one of them: see test-shares.mjs
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureNodes } from './nodes.mjs';
import { shareOf } from './test-shares.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    others: { type: 'boolean', default: false },
  },
});
const nodes = ensureNodes({ wanted }).filter(
  ({ version }) => !flags.others || `v${version}` !== process.version,
);
const failed = [];
for (const [index, { version, executable }] of nodes.entries()) {
  const run = (script, ...args) =>
    spawnSync(executable, [join(root, script), ...args], { cwd: root, stdio: 'inherit' }).status ===
    0;
  console.log(`\nNode ${version}`);
  const tests = flags.others ? shareOf(index, nodes.length) : [];
  const passed =
    run('scripts/build-native.mjs', '--probe') &&
    run('node_modules/vitest/vitest.mjs', 'run', ...tests);
  if (!passed) failed.push(version);
}
if (failed.length > 0) {
  console.error(`\nfailed under Node ${failed.join(', ')}`);
  process.exit(1);
}

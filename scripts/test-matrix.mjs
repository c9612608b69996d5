// SPDX-License-Identifier: MIT
// Builds the addon for, and runs the test suite under, every supported Node.
//
//   node scripts/test-matrix.mjs [--others] [version prefix ...]   e.g. 22 26; default: all
//     --others: not the version that runs this, which `npm test` has just tested; and only what
//               depends on V8: see independent-tests.mjs
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { INDEPENDENT } from './independent-tests.mjs';
import { ensureNodes } from './nodes.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    others: { type: 'boolean', default: false },
  },
});
const skipped = flags.others ? INDEPENDENT.flatMap((pattern) => ['--exclude', pattern]) : [];
const failed = [];
for (const { version, executable } of ensureNodes({ wanted })) {
  const run = (script, ...args) =>
    spawnSync(executable, [join(root, script), ...args], { cwd: root, stdio: 'inherit' }).status ===
    0;
  if (flags.others && `v${version}` === process.version) continue;
  console.log(`\nNode ${version}`);
  const passed =
    run('scripts/build-native.mjs', '--probe') &&
    run('node_modules/vitest/vitest.mjs', 'run', ...skipped);
  if (!passed) failed.push(version);
}
if (failed.length > 0) {
  console.error(`\nfailed under Node ${failed.join(', ')}`);
  process.exit(1);
}

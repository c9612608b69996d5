// SPDX-License-Identifier: MIT
// Builds the addon for, and runs the test suite under, every supported Node.
//
//   node scripts/test-matrix.mjs [--others] [--arch arm64] [--only test]... [version prefix ...]
//     version prefix: e.g. 22 26; default: all
//     --others: not the version that runs this script, which `npm test` has just tested; tests that
//               read V8 run on each, the other tests on one of them: see test-shares.mjs
//     --arch:   the tests that read V8, with their child processes on that architecture, emulated
//     --only:   these tests, such as test/oracle
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureNodes } from './nodes.mjs';
import { readingV8, shareOf } from './test-shares.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    others: { type: 'boolean', default: false },
    arch: { type: 'string', default: process.arch },
    only: { type: 'string', multiple: true, default: [] },
  },
});
const isEmulated = flags.arch !== process.arch;
// Of another architecture, some are missing.
const versions = ensureNodes({ arch: flags.arch, wanted }).map(({ version }) => version);
if (versions.length === 0) {
  console.error(`there is no Node ${wanted.join(', ')} for ${flags.arch}`);
  process.exit(1);
}
const nodes = ensureNodes({ wanted: versions }).filter(
  ({ version }) => !flags.others || `v${version}` !== process.version,
);
const env = isEmulated ? { ...process.env, TRACEMALLOC_TEST_ARCH: flags.arch } : process.env;
const failed = [];

function testsOf(index) {
  if (flags.only.length > 0) return flags.only;
  if (isEmulated) return readingV8();
  return flags.others ? shareOf(index, nodes.length) : [];
}

for (const [index, { version, executable }] of nodes.entries()) {
  const run = (script, ...args) =>
    spawnSync(executable, [join(root, script), ...args], { cwd: root, env, stdio: 'inherit' })
      .status === 0;
  console.log(`\nNode ${version} ${flags.arch}`);
  const tests = testsOf(index);
  const passed =
    run('scripts/build-native.mjs', '--probe', '--arch', flags.arch) &&
    run('node_modules/vitest/vitest.mjs', 'run', ...tests);
  if (!passed) failed.push(version);
}
if (failed.length > 0) {
  console.error(`\nfailed under Node ${failed.join(', ')}`);
  process.exit(1);
}

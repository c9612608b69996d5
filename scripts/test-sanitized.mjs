// SPDX-License-Identifier: MIT
// Runs the test suite with the addon built under the address and undefined-behaviour sanitizers,
// then builds it as usual again. Ends with 1 if a test fails or a sanitizer reports anything.
//
//   node scripts/test-sanitized.mjs [vitest's filters ...]     default: what depends on V8
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INDEPENDENT } from './independent-tests.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const FLAGS = '-fsanitize=address,undefined';
// What counts this process's memory counts the sanitizer's, too: its shadow and its quarantine.
const MEASURING = [
  'test/ledger/**',
  'test/buffers/{leaks,lifetimes}.test.ts',
  'test/process/{heap-limit,load}.test.ts',
];

function runtime(name) {
  const { stdout } = spawnSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' });
  return stdout.trim();
}

const build = (env) =>
  spawnSync(process.execPath, [join(root, 'scripts/build-native.mjs'), '--probe'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  }).status === 0;

const reports = mkdtempSync(join(tmpdir(), 'tracemalloc-sanitized-'));
let passed = build({ CXXFLAGS: `${FLAGS} -fno-omit-frame-pointer -g -O1`, LDFLAGS: FLAGS });
if (passed) {
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...process.argv.slice(2),
      ...[...INDEPENDENT, ...MEASURING].flatMap((pattern) => ['--exclude', pattern]),
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        LD_PRELOAD: `${runtime('libasan.so')}:${runtime('libubsan.so')}`,
        // Node and V8 leave much to the end of the process.
        ASAN_OPTIONS: `detect_leaks=0:log_path=${join(reports, 'address')}`,
        UBSAN_OPTIONS: `print_stacktrace=1:log_path=${join(reports, 'undefined')}`,
      },
    },
  );
  passed = status === 0;
}
build({});
const found = readdirSync(reports);
for (const name of found) console.error(readFileSync(join(reports, name), 'utf8'));
console.error(`test-sanitized: ${found.length} reports`);
rmSync(reports, { recursive: true });
process.exit(passed && found.length === 0 ? 0 : 1);

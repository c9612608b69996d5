// SPDX-License-Identifier: MIT
// Runs the test suite with the addon built under the address and undefined-behaviour sanitizers,
// then puts the usual one back. Ends with 1 if a test fails or a sanitizer reports anything.
//
//   node scripts/test-sanitized.mjs [vitest's filters ...]     default: what depends on V8
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaryPath, ROOT } from './compile-addon.mjs';
import { INDEPENDENT } from './independent-tests.mjs';

const FLAGS = '-fsanitize=address,undefined';
// What counts this process's memory counts the sanitizer's, too: its shadow and its quarantine.
const MEASURING = [
  'test/ledger/**',
  'test/buffers/leaks.test.ts',
  'test/process/{heap-limit,load,restarts}.test.ts',
];
// What starts Node with a library of its own preloaded.
const PRELOADING = ['test/torture/{faults,leaks}.test.ts'];

function runtime(name) {
  const { stdout } = spawnSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' });
  return stdout.trim();
}

const build = (env) =>
  spawnSync(process.execPath, [join(ROOT, 'scripts/build-native.mjs'), '--probe'], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  }).status === 0;

// Both builds are kept, so that neither costs more than what has changed.
const binary = binaryPath(process.arch, process.versions.modules);
const built = join(ROOT, `build/abi${process.versions.modules}`);
function move(from, to) {
  if (!existsSync(from)) return;
  rmSync(to, { recursive: true, force: true });
  renameSync(from, to);
}
function putUsualAside() {
  if (existsSync(`${built}.usual`)) putUsualBack(); // this script was killed
  move(built, `${built}.usual`);
  mkdirSync(`${built}.usual`, { recursive: true });
  move(binary, `${built}.usual/usual.node`);
  move(`${built}.sanitized`, built);
}
function putUsualBack() {
  move(built, `${built}.sanitized`);
  move(`${built}.usual`, built);
  rmSync(binary, { force: true });
  move(join(built, 'usual.node'), binary);
}

process.on('SIGINT', () => {}); // the children end, and then this does
putUsualAside();
const reports = mkdtempSync(join(tmpdir(), 'tracemalloc-sanitized-'));
let passed = build({ CXXFLAGS: `${FLAGS} -fno-omit-frame-pointer -g -O1`, LDFLAGS: FLAGS });
if (passed) {
  const { status } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...process.argv.slice(2),
      ...[...INDEPENDENT, ...MEASURING, ...PRELOADING].flatMap((pattern) => ['--exclude', pattern]),
    ],
    {
      cwd: ROOT,
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
putUsualBack();
build({});
const found = readdirSync(reports);
for (const name of found) console.error(readFileSync(join(reports, name), 'utf8'));
console.error(`test-sanitized: ${found.length} reports`);
rmSync(reports, { recursive: true });
process.exit(passed && found.length === 0 ? 0 : 1);

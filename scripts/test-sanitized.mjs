// SPDX-License-Identifier: MIT
// Runs the test suite with the addon built with the address and undefined-behaviour sanitizers, or
// the thread sanitizer, then restores the usual build. Exits with 1 if a test fails or a sanitizer
// reports anything.
//
//   node scripts/test-sanitized.mjs [--thread] [vitest's filters ...]  default: what depends on V8
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { binaryPath, ROOT } from './compile-addon.mjs';
import { pathsOf, SANITIZERS } from './sanitizers.mjs';
import { INDEPENDENT, MEASURING } from './test-shares.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { thread: { type: 'boolean', default: false } },
});
const sanitizer = SANITIZERS[values.thread ? 'thread' : 'address'];
// Tests that start Node with a preloaded library of their own.
const PRELOADING = ['test/torture/{faults,leak-sanitizer}.test.ts'];

const build = (env) =>
  spawnSync(process.execPath, [join(ROOT, 'scripts/build-native.mjs'), '--probe'], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  }).status === 0;

// Both builds are kept, so that only what has changed is rebuilt.
const binary = binaryPath(process.arch, process.versions.modules);
const built = join(ROOT, `build/abi${process.versions.modules}`);
const sanitized = `${built}.sanitized${values.thread ? '-thread' : ''}`;
function move(from, to) {
  if (!existsSync(from)) return;
  rmSync(to, { recursive: true, force: true });
  renameSync(from, to);
}
function putUsualAside() {
  if (existsSync(`${built}.usual`)) putUsualBack(); // a previous run was killed
  move(built, `${built}.usual`);
  mkdirSync(`${built}.usual`, { recursive: true });
  move(binary, `${built}.usual/usual.node`);
  move(sanitized, built);
}
function putUsualBack() {
  move(built, sanitized);
  move(`${built}.usual`, built);
  rmSync(binary, { force: true });
  move(join(built, 'usual.node'), binary);
}

process.on('SIGINT', () => {}); // the children end, and then this script
putUsualAside();
const reports = mkdtempSync(join(tmpdir(), 'tracemalloc-sanitized-'));
const { flag } = sanitizer;
let passed = build({ CXXFLAGS: `${flag} -fno-omit-frame-pointer -g -O1`, LDFLAGS: flag });
if (passed) {
  const { status } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...positionals,
      ...[...INDEPENDENT, ...MEASURING, ...PRELOADING].flatMap((pattern) => ['--exclude', pattern]),
    ],
    {
      cwd: ROOT,
      stdio: 'inherit',
      env: {
        ...process.env,
        LD_PRELOAD: pathsOf(sanitizer.libraries).join(':'),
        ...sanitizer.env(reports),
      },
    },
  );
  passed = status === 0;
}
const found = sanitizer.reportsIn(reports);
putUsualBack();
build({});
for (const report of found) console.error(report);
console.error(`test-sanitized: ${found.length} reports`);
rmSync(reports, { recursive: true });
process.exit(passed && found.length === 0 ? 0 : 1);

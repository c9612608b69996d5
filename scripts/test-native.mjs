// SPDX-License-Identifier: MIT
// Compiles and runs the C++ unit tests (native/test/*_test.cc, doctest) of what needs neither V8's
// headers nor Node's, under the address and undefined-behaviour sanitizers: the core, kinds of
// mappings, and the walker's views of a heap, on hand-built ones.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const list = (folder, pattern) =>
  readdirSync(join(root, folder))
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name));

mkdirSync(join(root, 'build'), { recursive: true });
const views = new RegExp(
  `^(${[
    'allocating_bytecodes',
    'baseline_positions',
    'block_member',
    'bytecode_kinds',
    'bytecode_sizes',
    'code_lookup',
    'consistency_gate',
    'deferred_code',
    'frame_cache',
    'function_positions',
    'layout',
    'object_layout',
    'optimized_frames',
    'position_table',
    'safe_read',
    'safepoint_table',
  ].join('|')})\\.cc$`,
);
const executable = join(root, 'build/native-tests');
const run = (command, args) => {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(`test-native: ${command}: ${error.message}`);
  if (status !== 0) process.exit(1);
};
run('g++', [
  ...['-std=gnu++17', '-O1', '-g', '-Wall', '-Wextra', '-Inative'],
  ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-rdynamic'],
  '-DDOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS',
  ...list('native/core', /\.cc$/),
  'native/process/mappings.cc',
  ...list('native/v8', views),
  ...list('native/test', /_test\.cc$/),
  ...['-o', executable],
]);
run(executable, []);

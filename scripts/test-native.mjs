// SPDX-License-Identifier: MIT
// Compiles and runs the C++ unit tests (native/test/*_test.cc, doctest) of what knows neither V8 nor
// Node, under the address and undefined-behaviour sanitizers.
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
const executable = join(root, 'build/native-tests');
const run = (command, args) => {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(`test-native: ${command}: ${error.message}`);
  if (status !== 0) process.exit(1);
};
run('g++', [
  ...['-std=gnu++17', '-O1', '-g', '-Wall', '-Wextra', '-fno-exceptions', '-Inative'],
  ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
  '-DDOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS',
  ...list('native/core', /\.cc$/),
  ...list('native/test', /_test\.cc$/),
  ...['-o', executable],
]);
run(executable, []);

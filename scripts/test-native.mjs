// SPDX-License-Identifier: MIT
// Compiles and runs the C++ unit tests (native/test/*_test.cc, doctest) of code that needs neither
// V8's headers nor Node's, under the address and undefined-behaviour sanitizers: the core, reports,
// kinds of mappings, and the code that reads a heap's layout, on hand-built heaps.
// Then prints the share of the lines of each folder that they run, counted by gcovr; a total below
// FLOOR is an error. With `--arch arm64` on another machine: by the cross compiler and under qemu,
// without the address sanitizer, which does not run there, and without counting lines.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { atOnce } from './at-once.mjs';
import { toolsFor } from './compile-addon.mjs';

/** Percent of the lines of all folders. The other lines are run only by tests of the addon. */
const FLOOR = 65;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const list = (folder, pattern) =>
  readdirSync(join(root, folder))
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name));

const {
  values: { arch },
} = parseArgs({ options: { arch: { type: 'string', default: process.arch } } });
const isEmulated = arch !== process.arch;
const compiler = `${toolsFor(arch)}g++`;

const flags = [
  ...['-std=gnu++17', '-O1', '-g', '-Wall', '-Wextra', '-Inative', '-rdynamic'],
  ...['-fsanitize=undefined', '-fno-sanitize-recover=all'],
  // doctest has no package for another architecture, and is a header only.
  ...(isEmulated ? ['-idirafter', '/usr/include'] : ['-fsanitize=address', '--coverage']),
  '-DDOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS',
];
const sources = [
  ...[
    ...['core', 'report', 'layout', `layout/${arch}`, 'layout/bytecode', 'layout/frames'],
    'layout/verdicts',
  ].flatMap((room) => list(`native/${room}`, /\.cc$/)),
  'native/process/mappings.cc',
  'native/process/memory_groups.cc',
  'native/process/memory_watch.cc',
  'native/process/resident_memory.cc',
  'native/retainers/holder_graph.cc',
  'native/v8/walker/frame_cache.cc',
  ...['native/test', `native/test/${arch}`].flatMap((folder) => list(folder, /_test\.cc$/)),
];

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    child.on('error', (error) => {
      console.error(`test-native: ${command}: ${error.message}`);
      process.exit(1);
    });
    child.on('close', (code) => (code === 0 ? resolve() : process.exit(1)));
  });
}

const directory = join(root, `build/native-tests${isEmulated ? `-${arch}` : ''}`);
rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
const objectOf = (source) => join(directory, `${source.replaceAll('/', '.')}.o`);
await atOnce(sources, (source) => run(compiler, [...flags, '-c', source, '-o', objectOf(source)]));
const executable = join(directory, 'tests');
await run(compiler, [...flags, ...sources.map(objectOf), '-o', executable]);
if (isEmulated) {
  await run('qemu-aarch64-static', ['-L', '/usr/aarch64-linux-gnu', executable]);
  process.exit(0);
}
await run(executable, []);

const summary = join(directory, 'coverage.json');
const only = ['--filter', 'native/', '--exclude', 'native/test/'];
await run('gcovr', ['--object-directory', directory, ...only, '-j', '--json-summary', summary]);
const { files } = JSON.parse(readFileSync(summary, 'utf8'));
const percent = (of) => {
  const sum = (count) => of.reduce((total, file) => total + file[count], 0);
  return (100 * sum('line_covered')) / sum('line_total');
};
const folders = new Set(files.map(({ filename }) => dirname(filename)));
for (const folder of folders) {
  const covered = percent(files.filter(({ filename }) => dirname(filename) === folder));
  console.log(`${folder.padEnd(20)} ${covered.toFixed(1).padStart(5)} % of the lines are run`);
}
const all = percent(files);
console.log(`${'native'.padEnd(20)} ${all.toFixed(1).padStart(5)} %, at least ${FLOOR} %`);
process.exit(all < FLOOR ? 1 : 0);

// SPDX-License-Identifier: MIT
// Reports which lines of src the tests run: V8 counts in the processes that vitest starts and in all of
// their child processes, c8 reports. Exits with 1 if fewer lines than FLOOR are run. Failed tests do not
// matter here: counting takes memory, so some tests that compare bytes fail. Their output is in
// build/coverage.log.
import { spawnSync } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { globSync } from 'tinyglobby';
import { ROOT } from './compile-addon.mjs';
import { ensureNodes } from './nodes.mjs';
import { MEASURING } from './test-shares.mjs';

/** Percent of the lines. (c8 counts functions and branches twice if build/modules and dist differ.) */
const FLOOR = 98;
// Not Node 20: while its V8 counts, the walker does not find a function's script, and lines are not exact.
const [{ executable }] = ensureNodes({ wanted: ['24'] });

// The other folders test the addon rather than src.
const FOLDERS = ['buffers', 'cli', 'exporters', 'html', 'process', 'unit'];
const directory = join(ROOT, 'build/coverage');
const urlOf = (path) => pathToFileURL(join(ROOT, path)).href;
const run = (script, args, options) =>
  spawnSync(executable, [join(ROOT, script), ...args], { cwd: ROOT, stdio: 'inherit', ...options })
    .status === 0;

function runTests() {
  const log = openSync(join(ROOT, 'build/coverage.log'), 'w');
  run(
    'node_modules/vitest/vitest.mjs',
    [
      ...['run', '--config', 'vitest.coverage.config.ts'],
      ...FOLDERS.map((folder) => `test/${folder}/`),
      ...MEASURING.flatMap((pattern) => ['--exclude', pattern]),
    ],
    { stdio: ['ignore', log, log], env: { ...process.env, NODE_V8_COVERAGE: directory } },
  );
}

// c8 opens the file of every script, and a test may have named a script after any file: only our scripts
// are kept. A script whose text differs from its file was changed by a loader hook of a test, and its
// offsets would be added to those of the file.
function keepOurs() {
  const sizes = new Map(
    globSync(['dist/**/*.{js,cjs}', 'build/modules/**/*.{js,cjs}'], { cwd: ROOT }).map((path) => [
      urlOf(path),
      readFileSync(join(ROOT, path), 'utf8').length,
    ]),
  );
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const kept = resultsIn(path).filter(({ url, functions: [whole] }) => {
      const [{ startOffset, endOffset }] = whole.ranges;
      return startOffset === 0 && endOffset === sizes.get(url);
    });
    writeFileSync(path, JSON.stringify({ result: kept }));
  }
}

function resultsIn(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).result;
  } catch {
    return []; // the process was killed while it wrote the file
  }
}

// The files of dist do not name their maps, so Node has not written them where c8 looks for them.
function addSourceMaps(maps) {
  const cache = { result: [], 'source-map-cache': Object.fromEntries(maps) };
  writeFileSync(join(directory, 'source-maps.json'), JSON.stringify(cache));
}

function readSourceMaps() {
  return globSync('**/*.map', { cwd: join(ROOT, 'build/maps') }).map((name) => {
    const data = JSON.parse(readFileSync(join(ROOT, 'build/maps', name), 'utf8'));
    return [urlOf(`dist/${name.replace(/\.map$/, '')}`), { data }];
  });
}

// No map names a file of types or of mere exports, which has nothing to run, nor the pages, which run in
// a browser.
function report(maps) {
  const sources = maps.flatMap(([url, { data }]) =>
    data.sources.map((path) => relative(ROOT, fileURLToPath(new URL(path, url)))),
  );
  return run('node_modules/c8/bin/c8.js', [
    ...['report', '--temp-directory', directory, '--exclude-after-remap'],
    ...['--all', '--src', 'src', ...sources.flatMap((path) => ['--include', path])],
    ...['--reporter', 'text', '--check-coverage', '--lines', String(FLOOR)],
  ]);
}

rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
if (!run('scripts/build-native.mjs', ['--probe'])) process.exit(1);
runTests();
keepOurs();
const maps = readSourceMaps();
addSourceMaps(maps);
process.exit(report(maps) ? 0 : 1);

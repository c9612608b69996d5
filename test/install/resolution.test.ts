// SPDX-License-Identifier: MIT
// The package as TypeScript and bundlers resolve it: checked by publint and attw, and by programs
// that TypeScript compiles with each kind of module resolution, libraries checked, and that Node
// runs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, inject, test } from 'vitest';
import { makeApplication } from './setup/application.js';
import { attempt, command } from './setup/command.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const { tarball } = inject('packed');
const bin = (name: string) => join(ROOT, 'node_modules', name);
let directory: string;

beforeAll(() => {
  directory = makeApplication(`file:${tarball}`);
  command('npm', ['install', '--no-audit', '--no-fund'], { cwd: directory });
});

test.each([
  ['publint', [bin('publint/src/cli.js'), tarball]],
  ['are the types wrong', [bin('@arethetypeswrong/cli/dist/index.js'), tarball]],
])('%s: nothing to say', (_, args) => {
  const { status, output } = attempt(process.execPath, args);
  expect(status, output).toBe(0);
  expect(output).toMatch(/All good!|No problems found/);
});

const PROGRAM = `
import tracemalloc, { takeSnapshot, start, status, stop, Filter, Snapshot, TracemallocError } from 'tracemalloc';
import type { Report, Statistic } from 'tracemalloc';
import { toFolded } from 'tracemalloc/exporters';
import 'tracemalloc/register';

start({ sampleInterval: 1024 });
const kept = Array.from({ length: 1000 }, (_, i) => ({ i }));
const snapshot: Snapshot = takeSnapshot();
const statistics: Statistic[] = snapshot.filterTraces([new Filter({ filenamePattern: 'node:*', inclusive: false })]).statistics('lineno');
const sites: Report['sites'] = [];
const isOurs = (error: unknown): error is TracemallocError => error instanceof TracemallocError;
// @ts-expect-error: no such option
const wrong = () => start({ interval: 1 });
console.log(JSON.stringify([status().precision, snapshot instanceof Snapshot, statistics.length > 0,
  typeof toFolded, sites.length, isOurs(1), kept.length, typeof wrong, tracemalloc.isTracing()]));
stop();
`;

test.each([
  { name: 'CommonJS, node16', extension: 'cts', options: { module: 'node16' } },
  { name: 'CommonJS, nodenext', extension: 'cts', options: { module: 'nodenext' } },
  {
    name: 'CommonJS, node10',
    extension: 'ts',
    options: { module: 'commonjs', moduleResolution: 'node10' },
  },
  { name: 'ES modules, node16', extension: 'mts', options: { module: 'node16' } },
  {
    name: 'ES modules, bundler',
    extension: 'mts',
    options: { module: 'esnext', moduleResolution: 'bundler' },
  },
])('$name', ({ name, extension, options }) => {
  const project = join(directory, name.replaceAll(/\W+/g, '-'));
  mkdirSync(project);
  writeFileSync(join(project, `program.${extension}`), PROGRAM);
  const compilerOptions = {
    ...{ target: 'es2022', lib: ['es2023', 'esnext.disposable'], strict: true },
    ...{ skipLibCheck: false, types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] },
    ...options,
  };
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: [`program.${extension}`] }),
  );
  const compiled = attempt(process.execPath, [bin('typescript5/bin/tsc'), '-p', project]);
  expect(compiled.status, compiled.output).toBe(0);
  const program = join(project, `program.${extension.replace('ts', 'js')}`);
  const { status, stdout, stderr } = attempt(process.execPath, [program], {
    env: { PATH: dirname(process.execPath) },
  });
  expect(status, stderr).toBe(0);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual([
    ...['line', true, true, 'function', 0, false, 1000, 'function', true],
  ]);
});

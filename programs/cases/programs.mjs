// SPDX-License-Identifier: MIT
// Programs in everyday use. Each is:
//   name, about   for the table
//   command       the arguments of `node`, given the place: { directory, modules, module(path), executable }
//   ends          the exit code or the signal that is expected
//   prepare       puts its files into the place
//   drive         talks to the running child; the result is compared
//   env, stdin    for the child
//   normalize     removes from its output what varies without tracing, too
//   unstable      paths that vary without tracing, too
//   silent        ends too suddenly to write a report
//   untraced      it can't be traced: what the only warning, which says why, must match
//   differs       it must differ: says why
import { join } from 'node:path';
import { copy, copyApp, write } from './files.mjs';
import { ask, portOf } from './requests.mjs';
import { packTarball } from './tarball.mjs';

const TYPESCRIPT = {
  compilerOptions: {
    target: 'es2022',
    module: 'commonjs',
    lib: ['es2022', 'dom', 'esnext.disposable'],
    strict: true,
    skipLibCheck: true,
    types: [],
    sourceMap: true,
    declaration: true,
    outDir: 'out',
  },
  include: ['src'],
};
const TESTED = `export const add = (a, b) => a + b;
export const many = (n) => Array.from({ length: n }, (_, i) => ({ i, text: String(i) }));
`;
const testsOf = (imports, wrong) => `${imports}
import { add, many } from './sum.mjs';
describe('sums', () => {
  it('adds', () => { if (add(1, 2) !== 3) throw new Error('wrong'); });
  for (const n of [10, 1000, 100000])
    it('makes ' + n, () => { if (many(n).length !== n) throw new Error('wrong'); });
  ${wrong ? "it('fails', () => { throw new Error('as it should'); });" : ''}
});
`;

export const programs = [
  {
    name: 'npm',
    about: 'npm installs two packages from tarballs, offline, with their scripts',
    ends: 0,
    prepare: (place) => {
      write(place.directory, { 'package.json': { name: 'app', version: '1.0.0' } });
      packTarball(place, place.module('rxjs/src'), 'sources');
      packTarball(place, place.module('lodash/fp'), 'functions');
    },
    command: ({ module }) => [
      module('npm/bin/npm-cli.js'),
      ...['install', './sources.tgz', './functions.tgz', '--offline', '--no-audit', '--no-fund'],
      ...['--foreground-scripts', '--logs-max=0'],
    ],
    unstable: [/^home\/\.npm\//],
  },
  {
    name: 'tsc',
    about: "TypeScript compiles rxjs's 200 files, with maps and declarations",
    ends: 0,
    prepare: (place) => {
      copy(place, 'rxjs/src', 'src');
      write(place.directory, { 'tsconfig.json': TYPESCRIPT });
    },
    command: ({ module }) => [module('typescript/bin/tsc'), '-p', '.'],
  },
  {
    name: 'tsc, type error',
    about: 'TypeScript finds one',
    ends: 2,
    prepare: ({ directory }) =>
      write(directory, {
        'tsconfig.json': TYPESCRIPT,
        'src/a.ts': 'export const a: number = "no number";\n',
      }),
    command: ({ module }) => [module('typescript/bin/tsc'), '-p', '.', '--pretty'],
  },
  {
    name: 'eslint',
    about: "eslint lints webpack's sources, and has nothing to say but warnings",
    ends: 0,
    prepare: (place) => {
      copy(place, 'webpack/lib', 'src');
      write(place.directory, { 'eslint.config.mjs': eslintConfig('warn') });
    },
    command: ({ module }) => [module('eslint/bin/eslint.js'), 'src'],
  },
  {
    name: 'eslint, errors',
    about: 'eslint lints express, and finds errors',
    ends: 1,
    prepare: (place) => {
      copy(place, 'express/lib', 'src');
      write(place.directory, { 'eslint.config.mjs': eslintConfig('error') });
    },
    command: ({ module }) => [module('eslint/bin/eslint.js'), 'src'],
  },
  {
    name: 'prettier',
    about: 'prettier formats sources of webpack in place',
    ends: 0,
    prepare: (place) => copy(place, 'webpack/lib/dependencies', 'src'),
    command: ({ module }) => [module('prettier/bin/prettier.cjs'), '--write', 'src'],
  },
  {
    name: 'webpack',
    about: 'webpack bundles rxjs and lodash for production, minified by a pool of workers',
    ends: 0,
    prepare: ({ directory }) => write(directory, { 'src/index.js': bundled('lodash') }),
    command: ({ module }) => [
      module('webpack-cli/bin/cli.js'),
      ...['--mode', 'production', '--devtool', 'source-map'],
    ],
  },
  {
    name: 'rollup',
    about: 'rollup bundles rxjs as an ES module, with a map',
    ends: 0,
    prepare: (place) => {
      copy(place, 'rxjs/dist/esm', 'esm');
      write(place.directory, { 'index.mjs': "export * from './esm/index.js';\n" });
    },
    command: ({ module }) => [
      module('rollup/dist/bin/rollup'),
      ...['index.mjs', '--file', 'out/bundle.mjs', '--format', 'es', '--sourcemap'],
    ],
  },
  {
    name: 'vite',
    about: 'vite builds a page that uses rxjs',
    ends: 0,
    prepare: ({ directory }) =>
      write(directory, {
        'index.html': '<script type="module" src="/src/index.js"></script>',
        'src/index.js': bundled('lodash/fp.js'),
      }),
    command: ({ module }) => [module('vite/bin/vite.js'), 'build'],
    normalize: (text) => text.replace(/(\d+ modules transformed|rendering chunks.*)/g, ''),
  },
  {
    name: 'esbuild',
    about: "esbuild's JavaScript API, over pipes to its Go process, bundles rxjs twenty times",
    ends: 0,
    prepare: ({ directory }) =>
      write(directory, {
        'index.js': bundled('lodash'),
        'build.mjs': `import { build } from 'esbuild';
for (let i = 0; i < 20; i++)
  await build({ entryPoints: ['index.js'], bundle: true, outfile: 'out/' + i + '.js', minify: true });
`,
      }),
    command: () => ['build.mjs'],
  },
  {
    name: 'vitest',
    about: 'vitest runs a suite, in child processes',
    ends: 0,
    prepare: ({ directory }) => writeVitest(directory, false),
    command: ({ module }) => [
      module('vitest/vitest.mjs'),
      ...['run', '--pool', 'forks', '--maxWorkers', '1', '--reporter', 'verbose'],
    ],
    unstable: [/\.vite/],
  },
  {
    name: 'vitest, failing',
    about: 'vitest runs a suite with a failing test, in worker threads',
    ends: 1,
    prepare: ({ directory }) => writeVitest(directory, true),
    command: ({ module }) => [
      module('vitest/vitest.mjs'),
      ...['run', '--pool', 'threads', '--maxWorkers', '1', '--reporter', 'verbose'],
    ],
    unstable: [/\.vite/],
  },
  {
    name: 'jest',
    about: 'jest runs a suite with a failing test, in contexts of its own',
    ends: 1,
    prepare: ({ directory }) =>
      write(directory, {
        'package.json': { name: 'app', jest: { testEnvironment: 'node' } },
        'sum.test.js': `const { many } = { many: (n) => Array.from({ length: n }, (_, i) => ({ i })) };
for (const n of [10, 1000, 100000]) test('makes ' + n, () => expect(many(n)).toHaveLength(n));
test('fails', () => expect(many(3)).toHaveLength(4));
`,
        'other.test.js': "test('passes', () => expect({ a: [1] }).toEqual({ a: [1] }));\n",
      }),
    command: ({ module }) => [module('jest/bin/jest.js'), '--runInBand', '--verbose'],
    unstable: [/jest_/],
    env: ({ directory }) => ({ TMPDIR: join(directory, 'home') }),
  },
  {
    name: 'mocha',
    about: 'mocha runs a suite with a failing test',
    ends: 1,
    prepare: ({ directory }) =>
      write(directory, { 'sum.mjs': TESTED, 'test.mjs': testsOf('', true) }),
    command: ({ module }) => [module('mocha/bin/mocha.js'), 'test.mjs'],
  },
  {
    name: 'fastify + PGlite',
    about: 'a web application on PostgreSQL (WebAssembly) under load; SIGTERM ends it cleanly',
    ends: 0,
    prepare: (place) => copyApp(place, 'orders.mjs'),
    command: () => ['orders.mjs'],
    drive: async (child) => {
      const port = await portOf(child);
      const ids = Array.from({ length: 40 }, (_, i) => i + 1);
      const order = (i) => ({ item: `item ${i}`, cents: i + 1, details: { colour: `c${i % 7}` } });
      const orders = Array.from({ length: 5 }, (_, i) => order(i));
      const told = [
        await ask(
          port,
          ids.map((i) => ['POST', '/customers', { name: `customer ${i}` }]),
        ),
        await ask(port, [['POST', '/customers', { name: 'customer 1' }]]),
        await ask(
          port,
          [...ids, ...ids].map((i) => ['POST', `/customers/${i}/orders`, orders]),
          { width: 8 },
        ),
        await ask(
          port,
          Array.from({ length: 1000 }, (_, i) => ['GET', i % 10 ? `/customers/${i % 41}` : '/top']),
          { width: 8 },
        ),
      ];
      child.kill('SIGTERM');
      return told.join('\n');
    },
    normalize: withoutPort,
  },
  {
    name: 'json-server',
    about: 'json-server (express, lowdb) under load, writing its file; SIGTERM ends it',
    ends: 'SIGTERM',
    prepare: (place) => {
      copyApp(place, 'notes.cjs');
      write(place.directory, { 'db.json': { notes: [{ id: 1, text: 'first' }] } });
    },
    command: () => ['notes.cjs'],
    drive: async (child) => {
      const port = await portOf(child);
      const ids = Array.from({ length: 300 }, (_, i) => i + 2);
      const told = [
        await ask(
          port,
          ids.map((id) => ['POST', '/notes', { id, text: `note ${id}` }]),
        ),
        await ask(
          port,
          ids.map((id) => ['GET', `/notes/${id}`]),
          { width: 8 },
        ),
        await ask(
          port,
          ids.map((id) => ['GET', `/notes?_page=${id % 9}&_limit=5&q=${id % 7}`]),
          { width: 8 },
        ),
      ];
      child.kill('SIGTERM');
      return told.join('\n');
    },
    normalize: withoutPort,
  },
  {
    name: 'tsx',
    about: 'an ES module in TypeScript, loaded by tsx, fails in a mapped line',
    ends: 1,
    prepare: ({ directory }) => writeTypescriptApp(directory, 'module'),
    command: () => ['--import', 'tsx', 'app.ts'],
  },
  {
    name: 'ts-node',
    about: 'a CommonJS program in TypeScript, loaded by ts-node, fails in a mapped line',
    ends: 1,
    prepare: ({ directory }) => writeTypescriptApp(directory, 'commonjs'),
    command: () => ['--require', 'ts-node/register/transpile-only', 'app.ts'],
  },
];

function withoutPort(text) {
  return text.replace(/listening on \d+/, 'listening on PORT');
}

function eslintConfig(severity) {
  return `import js from '@eslint/js';
const rules = Object.fromEntries(Object.keys(js.configs.all.rules).map((name) => [name, '${severity}']));
// The sources' own comments name rules of plugins that are not here.
export default [{ linterOptions: { noInlineConfig: true }, rules }];
`;
}

function bundled(other) {
  return `import * as rxjs from 'rxjs';
import other from '${other}';
globalThis.all = [rxjs, other];
`;
}

function writeVitest(directory, wrong) {
  const imports = "import { describe, it } from 'vitest';";
  write(directory, {
    'package.json': { name: 'app', type: 'module' },
    'sum.mjs': TESTED,
    'sum.test.mjs': testsOf(imports, wrong),
    'other.test.mjs': testsOf(imports, false),
  });
}

function writeTypescriptApp(directory, type) {
  write(directory, {
    'package.json': { name: 'app', type },
    'tsconfig.json': {
      compilerOptions: {
        target: 'es2022',
        module: type === 'module' ? 'esnext' : 'commonjs',
        sourceMap: true,
      },
    },
    'deep.ts': `interface Row {
  id: number;
  text?: string;
}
export function rows(n: number): Row[] {
  const all: Row[] = [];
  for (let id = 0; id < n; id++) all.push({ id, text: 'row ' + id });
  return all;
}
export function fail(what: string): never {
  throw new TypeError('cannot ' + what);
}
`,
    'app.ts': `import { fail, rows } from './deep${type === 'module' ? '.ts' : ''}';
console.log(rows(50000).length);
fail('go on');
`,
  });
}

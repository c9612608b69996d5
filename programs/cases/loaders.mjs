// SPDX-License-Identifier: MIT
// Tools that transform code in memory, or bundle it, and run it: each with a program that leaks at
// a known place and prints the place that is reported. Each is:
//   name      for the table
//   files     by name, given the place of the tool; a JSON file is an object
//   command   the arguments of `node`, given `module`, which returns the path of a file in node_modules
//   env       to add
//   from      the oldest Node that is supported
//   first     a command to run before, in the same form
//   drive     talks to the running program, given its directory and environment
//   place     what is right, if it is not the file, line and column: 'line' or 'approximate'
import { once } from 'node:events';
import { ask } from './requests.mjs';

/** Lines move when the types are removed; the code after the tracing line allocates little. */
const leakOf = (imported, told) => `${imported}

interface Row {
  y: number;
}

const keep: number[][] = [];

export function leak({ y }: Row): void {
  // a comment
  keep.push(new Array<number>(1000).fill(y)); // here
}
${told}`;

const IMPORTED = `import { start, takeSnapshot } from 'tracemalloc';`;
const TOLD = `start({ sampleInterval: 1024 });
for (let y = 0; y < 1000; y++) leak({ y });
const [top] = takeSnapshot().statistics('traceback');
const { filename, lineno, column, approximate } = top!.traceback.at(-1)!;
console.log('TOLD ' + JSON.stringify({ filename, lineno, column, approximate }));
`;
const LEAK = leakOf(IMPORTED, TOLD);
// Without types, for tools that don't support them.
const UNTYPED = untyped(LEAK);
const TESTED = (imports) =>
  leakOf(`${IMPORTED}\n${imports}`, `test('leaks', () => {\n${TOLD}});\n`);
const FOR_JEST = leakOf(IMPORTED, `(globalThis as any).test('leaks', () => {\n${TOLD}});\n`);

function untyped(text) {
  return text
    .replace(/interface Row \{[^}]*\}\n/, '')
    .replace(/: number\[\]\[\]|: Row|: void|<number>| as any|!/g, '');
}

function commonJs(text) {
  return text
    .replace(/import (.*) from '(.*)';/, "const $1 = require('$2');")
    .replace('export ', '');
}

const ESM = { type: 'module' };
const COMMONJS = { type: 'commonjs' };
const TS_CONFIG = {
  compilerOptions: {
    target: 'es2022',
    module: 'commonjs',
    moduleResolution: 'node10',
    esModuleInterop: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    sourceMap: true,
  },
};
const BABEL = {
  presets: [['@babel/preset-env', { targets: { node: '20' } }], '@babel/preset-typescript'],
};
const inModules = { 'package.json': ESM, 'leak.ts': LEAK };
const inCommonJs = { 'package.json': COMMONJS, 'tsconfig.json': TS_CONFIG, 'leak.ts': LEAK };
const jestOf = (config) => ({ 'jest.config.json': { testEnvironment: 'node', ...config } });
const jest = (...args) => ({
  command: ({ module }) => [...args, module('jest/bin/jest.js'), '--runInBand', '--silent=false'],
});
const vitest = (...args) => ({
  command: ({ module }) => [module('vitest/vitest.mjs'), 'run', ...args],
});
const WEBPACK = `module.exports = {
  target: 'node',
  entry: './leak.js',
  externals: { tracemalloc: 'commonjs tracemalloc' },
  output: { path: __dirname + '/out' },
};
`;
const webpack = (mode, devtool, rest = {}) => ({
  name: `webpack, ${mode}, ${devtool}`,
  files: { 'package.json': {}, 'leak.js': UNTYPED, 'webpack.config.js': WEBPACK },
  first: ({ module }) => [
    ...[module('webpack-cli/bin/cli.js'), '--mode', mode],
    ...(devtool === 'none' ? ['--no-devtool'] : ['--devtool', devtool]),
  ],
  command: () => ['out/main.js'],
  ...rest,
});
const ROUTE = leakOf(
  IMPORTED,
  `export const dynamic = 'force-dynamic';
export function GET() {
${TOLD.replace(/console.*/, 'return Response.json({ filename, lineno, column, approximate });')}}
`,
).replace('export function leak', 'function leak');
// Next.js turns port 0 into 3000, since its own children must find it.
const PORT = String(20_000 + (process.pid % 10_000));
async function isReady(child) {
  for (let output = ''; !output.includes('Ready in'); )
    output += (await once(child.stdout, 'data'))[0];
}
const next = (...commands) => ({
  name: `Next.js, ${commands.join(', ')}`,
  files: {
    'package.json': {},
    'next.config.mjs': `export default {
  serverExternalPackages: ['tracemalloc'],
  experimental: { serverSourceMaps: true },
};
`,
    'app/layout.js':
      'export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n',
    'app/leak/route.js': untyped(ROUTE),
  },
  leak: 'app/leak/route.js',
  env: { NEXT_TELEMETRY_DISABLED: '1' },
  first:
    commands.length > 1 ? ({ module }) => [module('next/dist/bin/next'), commands[0]] : undefined,
  command: ({ module }) => [module('next/dist/bin/next'), commands.at(-1), '--port', PORT],
  drive: async (child) => {
    await isReady(child);
    const answer = await ask(PORT, [['GET', '/leak']]);
    child.kill('SIGTERM');
    return answer;
  },
});
// A loader without source maps, in 10 lines, such as users may write.
const HOOK = `const { readFileSync } = require('node:fs');
require.extensions['.cjs'] = (module, file) => {
  const text = readFileSync(file, 'utf8');
  module._compile(file.endsWith('leak.cjs') ? 'let counter = 0;\\n' + text : text, file);
};
`;

export const loaders = [
  {
    name: 'tsx, ES modules',
    files: inModules,
    command: (at) => [at.module('tsx/dist/cli.mjs'), 'leak.ts'],
  },
  {
    name: 'tsx, CommonJS',
    files: inCommonJs,
    command: (at) => [at.module('tsx/dist/cli.mjs'), 'leak.ts'],
  },
  { name: 'node --import tsx', files: inModules, command: () => ['--import', 'tsx', 'leak.ts'] },
  {
    name: 'node --import tsx, CommonJS',
    files: inCommonJs,
    command: () => ['--import', 'tsx', 'leak.ts'],
  },
  {
    name: 'node --require tsx/cjs',
    files: inCommonJs,
    command: () => ['--require', 'tsx/cjs', 'leak.ts'],
  },
  {
    name: 'ts-node',
    files: inCommonJs,
    command: (at) => [at.module('ts-node/dist/bin.js'), '--transpile-only', 'leak.ts'],
  },
  {
    name: 'node --require ts-node/register',
    files: inCommonJs,
    env: { TS_NODE_TRANSPILE_ONLY: '1' },
    command: () => ['--require', 'ts-node/register', 'leak.ts'],
  },
  {
    name: '@swc-node/register',
    files: inCommonJs,
    command: () => ['--require', '@swc-node/register', 'leak.ts'],
  },
  {
    name: '@swc-node/register, ES modules',
    files: {
      ...inModules,
      'tsconfig.json': { compilerOptions: { module: 'nodenext', target: 'es2022' } },
    },
    // It does not publish the map.
    place: 'approximate',
    command: () => ['--import', '@swc-node/register/esm-register', 'leak.ts'],
  },
  {
    name: 'esbuild-register',
    files: inCommonJs,
    command: () => ['--require', 'esbuild-register', 'leak.ts'],
  },
  {
    name: 'babel-node',
    files: { 'package.json': COMMONJS, 'babel.config.json': BABEL, 'leak.ts': LEAK },
    command: (at) => [at.module('@babel/node/bin/babel-node.js'), '--extensions', '.ts', 'leak.ts'],
  },
  {
    name: 'Jest, babel-jest',
    files: {
      'package.json': COMMONJS,
      'babel.config.json': BABEL,
      ...jestOf({}),
      'leak.test.ts': FOR_JEST,
    },
    ...jest(),
  },
  {
    name: 'Jest, babel-jest, JavaScript',
    files: {
      'package.json': COMMONJS,
      'babel.config.json': BABEL,
      ...jestOf({}),
      'leak.test.js': untyped(FOR_JEST),
    },
    ...jest(),
  },
  {
    name: 'Jest, ts-jest',
    files: {
      'package.json': COMMONJS,
      'tsconfig.json': TS_CONFIG,
      ...jestOf({ transform: { '\\.ts$': ['ts-jest', { diagnostics: false }] } }),
      'leak.test.ts': FOR_JEST,
    },
    ...jest(),
  },
  {
    name: 'Jest, ES modules',
    files: {
      'package.json': ESM,
      ...jestOf({ transform: {} }),
      'leak.test.js': untyped(FOR_JEST),
    },
    ...jest('--experimental-vm-modules'),
  },
  {
    name: 'Jest, ES modules, ts-jest',
    files: {
      'package.json': ESM,
      'tsconfig.json': { compilerOptions: { module: 'esnext', target: 'es2022', types: [] } },
      ...jestOf({
        extensionsToTreatAsEsm: ['.ts'],
        transform: { '\\.ts$': ['ts-jest', { diagnostics: false, useESM: true }] },
      }),
      'leak.test.ts': FOR_JEST,
    },
    ...jest('--experimental-vm-modules'),
  },
  {
    name: 'Jest without transforms',
    files: {
      'package.json': COMMONJS,
      ...jestOf({ transform: {} }),
      'leak.test.js': commonJs(untyped(FOR_JEST)),
    },
    ...jest(),
  },
  ...['forks', 'threads', 'vmForks', 'vmThreads'].map((pool) => ({
    name: `vitest, ${pool}`,
    files: { 'package.json': ESM, 'leak.test.ts': TESTED(`import { test } from 'vitest';`) },
    ...vitest('--pool', pool),
  })),
  {
    name: 'vitest, .mjs',
    files: {
      'package.json': ESM,
      'leak.test.mjs': untyped(TESTED(`import { test } from 'vitest';`)),
    },
    ...vitest(),
  },
  {
    name: 'node:test',
    files: {
      'package.json': ESM,
      'leak.test.mjs': untyped(TESTED(`import { test } from 'node:test';`)),
    },
    command: () => ['--test', '--test-reporter=spec', 'leak.test.mjs'],
  },
  {
    name: 'node:test --import tsx',
    files: { 'package.json': ESM, 'leak.test.ts': TESTED(`import { test } from 'node:test';`) },
    command: () => ['--import', 'tsx', '--test', '--test-reporter=spec', 'leak.test.ts'],
  },
  {
    name: "Node's type stripping",
    files: inModules,
    from: 22,
    command: () => ['--experimental-strip-types', 'leak.ts'],
  },
  {
    name: "Node's type stripping, CommonJS",
    files: {
      'package.json': COMMONJS,
      'leak.cts': commonJs(LEAK),
    },
    from: 22,
    command: () => ['--experimental-strip-types', 'leak.cts'],
  },
  {
    name: "Node's transform-types",
    files: { 'package.json': ESM, 'leak.ts': LEAK.replace('// a comment', 'enum Kind { A, B }') },
    from: 22,
    until: 24,
    command: () => ['--experimental-transform-types', 'leak.ts'],
  },
  {
    name: 'plain .mjs',
    files: { 'leak.mjs': UNTYPED },
    command: () => ['leak.mjs'],
  },
  {
    name: 'a hook without a map',
    files: {
      'leak.cjs': commonJs(UNTYPED),
      'hook.cjs': HOOK.replace(
        "require.extensions['.cjs']",
        "require.extensions['.cjs'] = require.extensions['.js']",
      ),
    },
    place: 'approximate',
    command: () => ['--require', './hook.cjs', '-e', "require('./leak.cjs')"],
  },
  webpack('production', 'source-map'),
  webpack('production', 'inline-source-map'),
  webpack('production', 'none', { place: 'generated' }),
  webpack('development', 'eval-source-map', { place: 'line' }),
  webpack('development', 'eval', { place: 'approximate' }),
  webpack('development', 'source-map', { place: 'line' }),
  next('build', 'start'),
  next('dev'),
];

// SPDX-License-Identifier: MIT
// Bundled applications, each in a directory that has nothing else, need only the setting documented
// in docs/install.md. Also tests the files that a file tracer (nft) copies, and a read-only
// package.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ensureNodes } from '../../scripts/nodes.mjs';
import { findingOf, makeApplication } from './setup/application.js';
import { fetchTool } from './setup/clients.js';
import { command } from './setup/command.js';

const nodes = ensureNodes();
let directory: string;
let alone: string;

beforeAll(() => {
  directory = makeApplication(`file:${inject('packed').tarball}`);
  command('npm', ['install', '--no-audit', '--no-fund'], { cwd: directory });
  alone = mkdtempSync(join(tmpdir(), 'tracemalloc-bundle-'));
});
afterAll(() => rmSync(alone, { recursive: true, force: true }));

/** Runs the bundle under every Node; the source names are the bundle's own. */
function expectWorks(file: string) {
  for (const { version, executable } of nodes) {
    const found = findingOf(
      command(executable, [file], { cwd: alone, env: { PATH: dirname(executable) } }),
    );
    expect(found).toMatchObject({ nodeVersion: `v${version}`, precision: 'line' });
    expect(found.size / 8e6).toBeCloseTo(1, 1);
  }
}

test('esbuild to CommonJS: --loader:.node=copy', async () => {
  await esbuild.build({
    entryPoints: [join(directory, 'esm.mjs')],
    outdir: join(alone, 'esbuild-cjs'),
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    loader: { '.node': 'copy' },
    logOverride: { 'empty-import-meta': 'silent' },
  });
  expectWorks(join(alone, 'esbuild-cjs/esm.cjs'));
});

test('esbuild to ES modules: the same with a require', async () => {
  await esbuild.build({
    entryPoints: [join(directory, 'esm.mjs')],
    outdir: join(alone, 'esbuild-esm'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    loader: { '.node': 'copy' },
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  expectWorks(join(alone, 'esbuild-esm/esm.mjs'));
});

test('webpack: the rule for .node files', () => {
  fetchTool('webpack', '5.112.2');
  const loader = fetchTool('node-loader', '2.1.0');
  const config = {
    mode: 'production',
    target: 'node',
    context: directory,
    entry: './esm.mjs',
    output: { path: join(alone, 'webpack'), filename: 'main.cjs' },
    optimization: { minimize: false },
  };
  const script = join(alone, 'webpack.cjs');
  writeFileSync(
    script,
    `const webpack = require(${JSON.stringify(fetchTool('webpack', '5.112.2'))});
    const rules = [{ test: /\\.node$/, loader: ${JSON.stringify(loader)} }];
    webpack({ ...${JSON.stringify(config)}, module: { rules } }, (error, stats) => {
      if (error || stats.hasErrors()) { console.error(error ?? stats.toString()); process.exit(1); }
    });`,
  );
  command(process.execPath, [script], { cwd: alone });
  expectWorks(join(alone, 'webpack/main.cjs'));
});

test('nft sees the binaries', () => {
  const nft = join(fetchTool('@vercel/nft', '1.11.5'), 'out/index.js');
  const traced = command(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { nodeFileTrace } from ${JSON.stringify(pathToFileURL(nft).href)};
      const { fileList } = await nodeFileTrace(['esm.mjs'], { base: process.cwd() });
      console.log(JSON.stringify([...fileList]));`,
    ],
    { cwd: directory },
  );
  const target = join(alone, 'nft');
  for (const path of JSON.parse(traced) as string[]) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(directory, path), join(target, path));
  }
  expectWorks(join(target, 'esm.mjs'));
});

test('a read-only node_modules', () => {
  command('chmod', ['-R', 'a-w', join(directory, 'node_modules')]);
  const before = readFileSync(join(directory, 'node_modules/tracemalloc/package.json'), 'utf8');
  expectWorks(join(directory, 'esm.mjs'));
  expect(readFileSync(join(directory, 'node_modules/tracemalloc/package.json'), 'utf8')).toBe(
    before,
  );
});

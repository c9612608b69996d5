// SPDX-License-Identifier: MIT
// Bundled applications, without any setting for tracemalloc, where only some of the binaries are
// there: each runs in the project, and elsewhere with nothing but a copy of the package. Also tests
// the files that a file tracer (nft) copies, and a read-only package.
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

// Without 25, whose binary is missing.
const nodes = ensureNodes().filter(({ version }) => !version.startsWith('25.'));
let directory: string;
let alone: string;

beforeAll(() => {
  directory = makeApplication(`file:${inject('packed').tarball}`);
  command('npm', ['install', '--no-audit', '--no-fund'], { cwd: directory });
  for (const missing of ['linux-arm64', 'linux-x64/tracemalloc.abi141.glibc.node']) {
    rmSync(join(directory, 'node_modules/tracemalloc/prebuilds', missing), {
      recursive: true,
      force: true,
    });
  }
  alone = mkdtempSync(join(tmpdir(), 'tracemalloc-bundle-'));
});
afterAll(() => rmSync(alone, { recursive: true, force: true }));

/** Runs the bundle under every Node; the source names are the bundle's own. */
function expectWorks(file: string) {
  for (const { version, executable } of nodes) {
    const found = findingOf(
      command(executable, [file], { cwd: dirname(file), env: { PATH: dirname(executable) } }),
    );
    expect(found).toMatchObject({ nodeVersion: `v${version}`, precision: 'line' });
    expect(found.size / 8e6).toBeCloseTo(1, 1);
    expect(found.page).toBeGreaterThan(50_000);
  }
}

/** In the project, and where the bundle was copied with the package only (docs/install.md). */
function expectWorksInBothPlaces(file: string) {
  expectWorks(join(directory, file));
  const deployed = mkdtempSync(join(alone, 'deployed-'));
  cpSync(join(directory, dirname(file)), deployed, { recursive: true });
  command('cp', ['-rL', '--parents', 'node_modules/tracemalloc', deployed], { cwd: directory });
  expectWorks(join(deployed, file.slice(dirname(file).length)));
}

/** Runs an ES module with the project as working directory, which tools take for their root. */
function runScript(text: string) {
  return command(process.execPath, ['--input-type=module', '--eval', text], { cwd: directory });
}

const urlOf = (tool: string, version: string, file: string) =>
  JSON.stringify(pathToFileURL(join(fetchTool(tool, version), file)).href);

test.each([
  ['cjs', 'esm.mjs', 'esbuild-cjs/bundle.cjs'],
  ['cjs', 'cjs.cjs', 'esbuild-of-cjs/bundle.cjs'],
  ['esm', 'esm.mjs', 'esbuild-esm/bundle.mjs'],
] as const)('esbuild, %s of %s', async (format, entry, out) => {
  const outfile = join(directory, out);
  const entryPoints = [join(directory, entry)];
  await esbuild.build({ entryPoints, outfile, bundle: true, platform: 'node', format });
  expectWorksInBothPlaces(out);
});

test.each(['production', 'development'])('webpack, %s', (mode) => {
  const path = join(directory, `webpack-${mode}`);
  runScript(`
    import webpack from ${urlOf('webpack', '5.112.2', 'lib/index.js')};
    webpack({ mode: '${mode}', target: 'node', entry: './esm.mjs',
      output: { path: ${JSON.stringify(path)}, filename: 'main.cjs' },
      optimization: { minimize: false } }, (error, stats) => {
      if (error) throw error;
      if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
    });`);
  expectWorksInBothPlaces(`webpack-${mode}/main.cjs`);
});

test.each(['es', 'cjs'])('Rollup with node-resolve and commonjs, %s', (format) => {
  runScript(`
    import { rollup } from ${urlOf('rollup', '4.68.7', 'dist/es/rollup.js')};
    import resolve from ${urlOf('@rollup/plugin-node-resolve', '16.0.3', 'dist/es/index.js')};
    import commonjs from ${urlOf('@rollup/plugin-commonjs', '29.0.3', 'dist/es/index.js')};
    const plugins = [resolve({ exportConditions: ['node'], preferBuiltins: true }), commonjs()];
    const bundle = await rollup({ input: 'esm.mjs', plugins });
    await bundle.write({ format: '${format}', file: 'rollup-${format}/bundle.${format === 'es' ? 'mjs' : 'cjs'}' });`);
  expectWorksInBothPlaces(`rollup-${format}/bundle.${format === 'es' ? 'mjs' : 'cjs'}`);
});

test('Vite SSR, with dependencies left out, and bundled', () => {
  const vite = join(fetchTool('vite', '8.3.8'), 'bin/vite.js');
  for (const noExternal of [false, true]) {
    const out = `vite-${noExternal}`;
    writeFileSync(
      join(directory, 'vite.config.mjs'),
      `export default { ssr: { noExternal: ${noExternal || '[]'} } };`,
    );
    const args = ['build', '--ssr', 'esm.mjs', '--outDir', out, '--logLevel', 'warn'];
    command(process.execPath, [vite, ...args], { cwd: directory });
    if (noExternal) expectWorksInBothPlaces(`${out}/esm.mjs`);
    else expectWorks(join(directory, out, 'esm.mjs'));
  }
});

test('ncc copies the binaries', () => {
  const ncc = join(fetchTool('@vercel/ncc', '0.45.0'), 'dist/ncc/cli.js');
  const out = join(alone, 'ncc');
  command(process.execPath, [ncc, 'build', 'cjs.cjs', '--out', out], { cwd: directory });
  expectWorks(join(out, 'index.cjs'));
});

test('nft sees the binaries', () => {
  const traced = runScript(
    `import { nodeFileTrace } from ${urlOf('@vercel/nft', '1.11.5', 'out/index.js')};
      const { fileList } = await nodeFileTrace(['esm.mjs'], { base: process.cwd() });
      console.log(JSON.stringify([...fileList]));`,
  );
  const target = join(alone, 'nft');
  for (const path of JSON.parse(traced) as string[]) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(directory, path), join(target, path));
  }
  expectWorks(join(target, 'esm.mjs'));
});

test('a bundle without the package names the remedy', () => {
  const out = join(alone, 'nothing');
  cpSync(join(directory, 'esbuild-cjs'), out, { recursive: true });
  expect(() => command(process.execPath, [join(out, 'bundle.cjs')], { cwd: out })).toThrow(
    /install tracemalloc \d+\.\d+\.\d+ where the bundle can require it/,
  );
});

test('a read-only node_modules', () => {
  command('chmod', ['-R', 'a-w', join(directory, 'node_modules')]);
  const before = readFileSync(join(directory, 'node_modules/tracemalloc/package.json'), 'utf8');
  expectWorks(join(directory, 'esm.mjs'));
  expect(readFileSync(join(directory, 'node_modules/tracemalloc/package.json'), 'utf8')).toBe(
    before,
  );
});

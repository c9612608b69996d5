// SPDX-License-Identifier: MIT
// The published package: packed, unpacked into a node_modules, loaded by require and import, and
// type-checked by two TypeScripts under the usual module resolutions.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../support/child.js';

const ROOT = join(import.meta.dirname, '../..');

const TYPED = `
const options: StartOptions = { sampleInterval: 4096, tracebackLimit: 8 };
start(options);
const snapshot: Snapshot = takeSnapshot({ survivors: true });
const [first] = snapshot.filterTraces([new Filter({ inclusive: false, filenamePattern: 'node:*' })])
  .statistics('lineno');
export const size: number = first?.size ?? 0;
export const line: string = String(first?.traceback ?? '');
export const loaded: Promise<Snapshot> = Snapshot.load('before.pb.gz');
// Had the types not been found, everything would be any, and this would be no error.
// @ts-expect-error
export const wrong: string = snapshot.timestamp;
`;
const IMPORT = `import tracemalloc, { Filter, Snapshot, start, takeSnapshot, type StartOptions } from 'tracemalloc';
import 'tracemalloc/register';
export const byDefault: boolean = tracemalloc.isTracing();
${TYPED}`;

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-package-'));
  const modules = join(directory, 'node_modules');
  const packed = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', directory],
    { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  mkdirSync(join(modules, 'tracemalloc'), { recursive: true });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  execFileSync('tar', [
    ...['-xzf', join(directory, filename), '--strip-components=1'],
    ...['-C', join(modules, 'tracemalloc')],
  ]);
  for (const name of ['@jridgewell', 'acorn', 'pprof-format', '@types', 'undici-types']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  const files = {
    'package.json': '{ "type": "module" }',
    'uses.mts': IMPORT,
    'uses.cts': IMPORT,
    'required.cts': `import tracemalloc = require('tracemalloc');
      export const tracing: boolean = tracemalloc.isTracing();`,
    'bundled.ts': IMPORT,
    'require.cjs': `const { start, takeSnapshot, Snapshot } = require('tracemalloc');
      require('tracemalloc/register');
      start({ sampleInterval: 4096 });
      process.stdout.write(String(takeSnapshot() instanceof Snapshot));`,
    'import.mjs': `import * as tracemalloc from 'tracemalloc';
      import all from 'tracemalloc';
      import { createRequire } from 'node:module';
      tracemalloc.start({ sampleInterval: 4096 });
      const required = createRequire(import.meta.url)('tracemalloc');
      const same = required.isTracing() && all.isTracing() && required.default.isTracing();
      process.stdout.write(String(tracemalloc.takeSnapshot() instanceof tracemalloc.Snapshot && same));`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
});

afterAll(() => rmSync(directory, { recursive: true }));

test.each(['require.cjs', 'import.mjs'])('%s runs', async (name) => {
  const { code, stdout, stderr } = await run(pathToFileURL(join(directory, name)));
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'true', stderr: '' });
});

// Node 20 and 22 end the process if a thread is terminated while a required ES module is being
// linked; Jest can require none at all.
test('mcp says how to install what it needs', async () => {
  const command = pathToFileURL(join(directory, 'node_modules/tracemalloc/dist/cli.js'));
  expect(await run(command, { argv: ['mcp'] })).toMatchObject({
    code: 1,
    stdout: '',
    stderr:
      "tracemalloc: mcp needs the protocol's SDK beside tracemalloc: npm install @modelcontextprotocol/sdk\n",
  });
});

test('nothing that is required is an ES module', async () => {
  const program = `const tracemalloc = require('tracemalloc');
    const { toHtml } = require('tracemalloc/exporters');
    const kept = Array.from({ length: 2000 }, (_, i) => ({ i, list: [i] }));
    tracemalloc.createHandler();
    tracemalloc.createReporter({ logger: () => {} }).stop();
    tracemalloc.reportNearHeapLimit()();
    tracemalloc.reportNearMemoryLimit()();
    tracemalloc.shareSnapshots();
    require('node:zlib').createGzip();
    const snapshot = tracemalloc.takeSnapshot();
    toHtml(snapshot);
    snapshot.dump('dump.pb.gz').then(() => tracemalloc.Snapshot.load('dump.pb.gz')).then(({ traces }) => {
      process.stdout.write(String(traces.length > 0 && kept.length > 0));
    });`;
  writeFileSync(join(directory, 'everything.cjs'), program);
  const outcome = await run(pathToFileURL(join(directory, 'everything.cjs')), {
    args: ['--no-experimental-require-module', '--require', 'tracemalloc/register'],
    cwd: directory,
    env: { TRACEMALLOC: '1', TRACEMALLOC_SAMPLE_INTERVAL: '1024', TRACEMALLOC_REPORT_EVERY: '1s' },
  });
  expect(outcome).toMatchObject({ code: 0, stdout: 'true', stderr: '' });
});

test('the package can be preloaded by its name', async () => {
  const outcome = await run(`process.stdout.write('ran')`, {
    args: ['--import', 'tracemalloc/register', '--require', 'tracemalloc/register'],
    cwd: directory,
    env: { TRACEMALLOC: '1', TRACEMALLOC_REPORT_EVERY: '0' },
  });
  expect(outcome).toMatchObject({ code: 0, stdout: 'ran', stderr: '' });
});

const RESOLUTIONS = {
  nodenext: ['--module', 'nodenext', 'uses.mts', 'uses.cts', 'required.cts'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler', 'bundled.ts'],
};

// Checks everything, also the package's own declarations.
function check(compiler: string, options: readonly string[]): string {
  try {
    return execFileSync(
      process.execPath,
      [
        join(ROOT, 'node_modules', compiler, 'bin/tsc'),
        ...['--ignoreConfig', '--noEmit', '--strict', '--exactOptionalPropertyTypes'],
        ...['--target', 'es2022', '--lib', 'es2023,esnext.disposable', '--types', 'node'],
        ...options,
      ].filter((option) => compiler !== 'typescript5' || option !== '--ignoreConfig'),
      { cwd: directory, encoding: 'utf8' },
    );
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

for (const compiler of ['typescript', 'typescript5']) {
  test.each(Object.entries(RESOLUTIONS))(`${compiler}, %s`, (_, options) => {
    expect(check(compiler, options)).toBe('');
  });
}

// SPDX-License-Identifier: MIT
// The published package: exactly its files, size, licences, no code that runs at installation.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { prebuildFor } from '../../src/addon/prebuilds.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const packed = inject('packed');
const paths = packed.files.map(({ path }) => path);
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

const filesIn = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length));

const PART = /^dist\/tracemalloc-part-\w+\.js$/;
const BINARY = /^prebuilds\/linux-(x64|arm64)\/tracemalloc\.abi(115|127|137|141|147)\.glibc\.node$/;

test('exactly these files', () => {
  const types = filesIn('src').flatMap((path) => {
    if (path.startsWith('src/page/')) return []; // bundled as dist/page/page.*
    const [, name, type = ''] = /^src\/(.*)\.([cm]?)ts$/.exec(path) ?? [];
    return name === undefined ? [] : [`dist/${name}.d.${type}ts`];
  });
  const entries = ['index', 'register', 'exporters/index'].concat(
    'metrics/prometheus',
    'metrics/opentelemetry',
    'testing/index',
  );
  const bundled = [
    ...entries,
    ...[
      'cli',
      'attach/close-later',
      'attached/attach',
      'attached/in-worker',
      'cli/dump-at-exit',
      'files/package-files',
      'http/handler',
      'inspector/recorder-without-addon',
      'literals/place',
      'push/pusher',
      'retainers/find',
    ],
    ...['service/begin', 'service/heap-limit', 'service/launchers', 'service/memory-limit'],
    ...['service/process-snapshot', 'service/reporter', 'pprof/compressed-sync'],
    'streams/compression-streams',
  ].map((name) => `dist/${name}.js`);
  const sources = filesIn('native').filter((path) => !path.startsWith('native/test/'));
  const expected = [
    ...types,
    ...bundled,
    ...entries.flatMap((name) => [`dist/${name}.mjs`, `dist/${name}.d.mts`]),
    'dist/register.d.ts',
    'dist/package.json',
    'dist/labels/routes.js',
    'dist/late-parts.cjs',
    'dist/mirror/trace-mapping.cjs',
    'dist/licences.txt',
    ...sources,
    'dist/page/page.css',
    'dist/page/live.js',
    'dist/page/report.js',
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    ...filesIn('docs').filter((path) =>
      /\.(md|png|yml|schema\.json)$|grafana-dashboard/.test(path),
    ),
    ...filesIn('examples'),
    'package.json',
    'prebuilds/README.md',
    'prebuilds/manifest.json',
    'scripts/build-native.mjs',
    'scripts/compile-addon.mjs',
  ];
  const others = paths.filter((path) => !BINARY.test(path) && !PART.test(path));
  expect(others.sort()).toEqual(expected.sort());
});

test('the binaries of the manifest are in the package and known to the loader', () => {
  const { binaries } = JSON.parse(readFileSync(join(ROOT, 'prebuilds/manifest.json'), 'utf8'));
  expect(binaries.length).toBeGreaterThan(0);
  for (const { file, needs } of binaries) {
    expect(paths).toContain(file);
    const [, platform, arch, abi] = /^prebuilds\/(\w+)-(\w+)\/\w+\.abi(\d+)/.exec(file) ?? [];
    expect(`prebuilds/${prebuildFor(platform!, arch!, abi!)}`).toBe(file);
    expect(Object.keys(needs)).toContain('GLIBC');
  }
});

// A binary is half a megabyte, and half of that when packed; the rest is three megabytes of text.
test('within its size budget: 3 MiB to download, 8 MiB on disk', () => {
  expect(packed.size).toBeLessThan(3 * 2 ** 20);
  expect(packed.unpackedSize).toBeLessThan(8 * 2 ** 20);
});

test('links lead to what is in the package', () => {
  const isThere = (path: string) => paths.some((at) => at === path || at.startsWith(`${path}/`));
  for (const page of paths.filter(
    (path) => path.endsWith('.md') && path !== 'prebuilds/README.md',
  )) {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const targets = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, to = '']) =>
      join(dirname(page), to),
    );
    expect(
      targets.filter((target) => !isThere(target)),
      page,
    ).toEqual([]);
  }
});

test('runs nothing at installation', () => {
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare', 'prebuild']) {
    expect(manifest.scripts).not.toHaveProperty(name);
  }
  expect(paths).not.toContain('binding.gyp');
  expect(manifest.gypfile).toBe(false);
});

test('depends only on what has a permissive licence', () => {
  const seen = new Map<string, string>();
  const visit = (name: string) => {
    const file = join(ROOT, 'node_modules', name, 'package.json');
    if (seen.has(name) || !existsSync(file)) return;
    const { license, dependencies = {} } = JSON.parse(readFileSync(file, 'utf8'));
    seen.set(name, license);
    Object.keys(dependencies).forEach(visit);
  };
  Object.keys(manifest.dependencies).forEach(visit);
  expect([...seen.keys()]).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
  for (const [name, licence] of seen)
    expect([name, licence]).toEqual([
      name,
      expect.stringMatching(/^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD)$/),
    ]);
});

test('what is bundled comes with its licences', () => {
  for (const page of ['report', 'live']) {
    const bundle = readFileSync(join(ROOT, `dist/page/${page}.js`), 'utf8');
    const [banner] = /^\/\*[\s\S]*?\*\//.exec(bundle) ?? [''];
    for (const name of ['d3-flame-graph', 'd3-selection']) expect(banner).toContain(name);
    expect(banner).toMatch(/Permission to use, copy, modify/);
  }
});

test('the lock file names no host', () => {
  expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "https?:/);
});

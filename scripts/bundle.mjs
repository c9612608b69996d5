// SPDX-License-Identifier: MIT
// Bundles src into dist, a file per entry point and parts that they share: a module of its own costs
// a service a quarter of a millisecond and six kilobytes. Types are tsc's, which also leaves the
// single modules in build/modules, for tests of one of them.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licencesOf } from './licences.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const common = {
  absWorkingDir: root,
  outdir: dist,
  outbase: 'src',
  platform: 'node',
  target: 'node20',
  charset: 'utf8',
  logLevel: 'warning',
};

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (/\.c?js$/.test(entry.name)) rmSync(join(entry.parentPath, entry.name));
}

// Anything else is bundled: users install nothing for it.
const { dependencies, peerDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

const { metafile } = await build({
  ...common,
  entryPoints: [
    'src/index.ts',
    'src/register.ts',
    'src/service/begin.ts',
    'src/compression-streams.ts',
    'src/literals/place.ts',
    'src/service/handler.ts',
    'src/service/heap-limit.ts',
    'src/service/process-snapshot.ts',
    'src/service/pusher.ts',
    'src/service/reporter.ts',
    'src/exporters/index.ts',
    'src/metrics/prometheus.ts',
    'src/metrics/opentelemetry.ts',
    'src/cli.ts',
    'src/cli/dump-at-exit.ts',
  ],
  bundle: true,
  splitting: true,
  format: 'esm',
  external: ['*.cjs', ...Object.keys({ ...dependencies, ...peerDependencies })],
  metafile: true,
  chunkNames: 'tracemalloc-part-[hash]', // src/package-files.ts knows them by this name
});

writeFileSync(join(dist, 'licences.txt'), `${licencesOf(metafile)}\n`);

// Bundlers and file tracers of others look into these: they stay as they are.
await build({
  ...common,
  entryPoints: ['src/late-parts.cts', 'src/prebuilds.cts', 'src/trace-mapping.cts'],
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
});

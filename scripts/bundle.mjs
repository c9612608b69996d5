// SPDX-License-Identifier: MIT
// Bundles src into dist, a file per entry point and parts that they share: a module of its own costs
// a service a quarter of a millisecond and six kilobytes. Types are tsc's, which also leaves the
// single modules in build/modules, for tests of one of them.
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

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

await build({
  ...common,
  entryPoints: [
    'src/index.ts',
    'src/register.ts',
    'src/service/begin.ts',
    'src/compression-streams.ts',
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
  packages: 'external',
  external: ['*.cjs'],
  chunkNames: 'tracemalloc-part-[hash]', // src/package-files.ts knows them by this name
});

// Bundlers and file tracers of others look into these: they stay as they are.
await build({
  ...common,
  entryPoints: ['src/late-parts.cts', 'src/prebuilds.cts', 'src/trace-mapping.cts'],
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
});

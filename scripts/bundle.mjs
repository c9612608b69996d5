// SPDX-License-Identifier: MIT
// Bundles src into dist, a file per entry point and some files that they share: each separate
// module costs a service a quarter of a millisecond and six kilobytes. tsc adds the types, and
// leaves the single modules in build/modules, for tests of one module. Source maps are written to
// build/maps, for coverage.mjs: users' programs need none, and the tests must run the files that users
// get.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeCommonJsEntries } from './commonjs-entries.mjs';
import { licencesOf } from './licences.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const maps = join(root, 'build/maps');
const common = {
  absWorkingDir: root,
  outdir: dist,
  outbase: 'src',
  platform: 'node',
  target: 'node20',
  charset: 'utf8',
  logLevel: 'warning',
  sourcemap: 'external',
  write: false,
};

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (/\.c?js$/.test(entry.name)) rmSync(join(entry.parentPath, entry.name));
}
rmSync(maps, { recursive: true, force: true });

// Anything else is bundled, so that users need not install it.
const { dependencies, peerDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

// Our CommonJS modules stay separate files. esbuild does not change their paths, whichever file the
// module that requires one is put into: here the paths are made relative to dist, then to that
// file.
const commonJs = {
  name: 'own CommonJS modules',
  setup({ onResolve }) {
    onResolve({ filter: /^\..*\.cjs$/ }, ({ path, resolveDir }) => ({
      path: `dist:${relative(join(root, 'src'), join(resolveDir, path))}`,
      external: true,
    }));
  },
};
function withPaths({ path, text }) {
  return text.replace(/(?<=")dist:([^"]+)/g, (_, module) => {
    const from = relative(dirname(path), join(dist, module));
    return from.startsWith('.') ? from : `./${from}`;
  });
}

function write({ outputFiles }) {
  for (const file of outputFiles) {
    const isMap = file.path.endsWith('.map');
    const path = isMap ? join(maps, relative(dist, file.path)) : file.path;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, isMap ? file.contents : withPaths(file));
  }
}

const main = await build({
  ...common,
  entryPoints: [
    'src/index.ts',
    'src/register.ts',
    'src/service/begin.ts',
    'src/streams/compression-streams.ts',
    'src/http/handler.ts',
    'src/service/heap-limit.ts',
    'src/service/process-snapshot.ts',
    'src/push/pusher.ts',
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
  external: Object.keys({ ...dependencies, ...peerDependencies }),
  plugins: [commonJs],
  metafile: true,
  chunkNames: 'tracemalloc-part-[hash]', // src/files/package-files.ts recognizes them by this name
});

write(main);
writeFileSync(join(dist, 'licences.txt'), `${licencesOf(main.metafile)}\n`);

// Users' bundlers and file tracers parse these, so they are not changed.
write(
  await build({
    ...common,
    entryPoints: ['src/late-parts.cts', 'src/addon/prebuilds.cts', 'src/mirror/trace-mapping.cts'],
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
  }),
);

// CommonJS, in one file: the addon may load it at any moment, and Node 20 and 22 end the process if
// a thread is terminated while a required ES module is being linked.
const literals = await build({
  ...common,
  entryPoints: ['src/literals/place.ts'],
  bundle: true,
  format: 'cjs',
  external: Object.keys(dependencies),
  outExtension: { '.js': '.cjs' },
  metafile: true,
});
if (Object.keys(literals.metafile.inputs).some((input) => !input.startsWith('src/literals/'))) {
  throw new Error('src/literals uses other rooms: they would be there twice');
}
write(literals);

await writeCommonJsEntries(root);

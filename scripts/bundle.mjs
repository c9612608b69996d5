// SPDX-License-Identifier: MIT
// Bundles src into dist as CommonJS, a file per entry point and some files that they share: each
// separate module costs a service a quarter of a millisecond and six kilobytes. What is imported
// as an ES module is a thin entry over that (package-entries.mjs). The files are named .js, with a
// package.json that says that they are CommonJS, since ncc does not look into others for binaries.
// tsc adds the types, and leaves the single modules in build/modules, for tests of one module.
// Source maps are written to build/maps, for coverage.mjs: users' programs need none, and the tests
// must run the files that users get.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { rolldown } from 'rolldown';
import { licencesOf } from './licences.mjs';
import { writePackageEntries } from './package-entries.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const maps = join(root, 'build/maps');
const target = 'node20';

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (/\.[cm]?js$/.test(entry.name)) rmSync(join(entry.parentPath, entry.name));
}
rmSync(maps, { recursive: true, force: true });

const { version, dependencies, peerDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const ENTRIES = [
  'index',
  'service/begin',
  'service/launchers',
  'streams/compression-streams',
  'http/handler',
  'labels/routes',
  'inspector/recorder-without-addon',
  'literals/place',
  'service/heap-limit',
  'service/memory-limit',
  'pprof/compressed-sync',
  'service/process-snapshot',
  'push/pusher',
  'retainers/find',
  'service/reporter',
  'exporters/index',
  'metrics/prometheus',
  'metrics/opentelemetry',
  'testing/index',
  'cli',
  'attach/close-later',
  'attached/attach',
  'attached/in-worker',
  'cli/dump-at-exit',
];

// It finds the package's files by its own place.
const PLACED = 'files/package-files';

/** Bundles these entries, and passes that to `generate`, with what each form has in common. */
async function bundle(entries, external, generate) {
  const made = await rolldown({
    cwd: root,
    input: Object.fromEntries(entries.map((name) => [name, `src/${name}.ts`])),
    platform: 'node',
    // Our sources that are CommonJS stay separate files. Packages that are not named here are
    // bundled, so that users need not install them.
    external: [
      /\.cjs$/,
      /^node:/,
      /^@modelcontextprotocol\//, // its modules are named, not the package
      ...Object.keys({ ...dependencies, ...peerDependencies }),
      ...external,
    ],
    transform: { target, define: { PACKAGE_VERSION: JSON.stringify(version) } },
  });
  const output = await generate((options) =>
    made
      .generate({
        dir: dist,
        format: 'cjs',
        exports: 'named',
        strict: true,
        sourcemap: 'hidden',
        comments: { jsdoc: false },
        entryFileNames: '[name].js',
        chunkFileNames: 'tracemalloc-part-[hash].js',
        hashCharacters: 'hex',
        ...options,
      })
      .then((generated) => generated.output),
  );
  await made.close();
  return output;
}

/** The modules that are loaded as soon as this entry is. */
function eagerModules(output, entry) {
  const files = new Map(output.map((file) => [file.fileName, file]));
  const seen = new Set();
  const visit = (name) => {
    const file = files.get(name);
    if (file === undefined || seen.has(file)) return;
    seen.add(file);
    for (const imported of file.imports) visit(imported);
  };
  visit(`${entry}.js`);
  return new Set([...seen].flatMap(({ moduleIds }) => moduleIds));
}

const placed = await bundle([PLACED], [], (generate) => generate({}));
// Each file costs a third of a millisecond to find and load, in each thread: what every program that
// traces loads is one file.
const others = await bundle(ENTRIES, [new RegExp(`${PLACED}\\.js$`)], async (generate) => {
  const traced = eagerModules(await generate({}), 'index');
  const group = { name: 'tracing', test: (module) => traced.has(module) };
  return generate({ codeSplitting: { groups: [group] } });
});
const output = [...placed, ...others];
for (const file of output) {
  const isMap = file.fileName.endsWith('.map');
  write(join(isMap ? maps : dist, file.fileName), file.code ?? file.source);
}
write(
  join(dist, 'licences.txt'),
  `${licencesOf(output.flatMap(({ moduleIds = [] }) => moduleIds))}\n`,
);

for (const [source, built] of [
  ['late-parts.cts', 'late-parts.cjs'],
  ['mirror/trace-mapping.cts', 'mirror/trace-mapping.cjs'],
  ['register.cts', 'register.js'],
]) {
  const text = readFileSync(join(root, 'src', source), 'utf8');
  const { code } = await transform(text, { loader: 'ts', format: 'cjs', target });
  write(join(dist, built), `"use strict";\n${code}`);
}
write(join(dist, 'package.json'), '{ "type": "commonjs" }\n');

writePackageEntries(root);

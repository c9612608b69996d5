// SPDX-License-Identifier: MIT
// Bundles the pages (HTML reports, the live page) into dist/page, each with the licences of what is
// in it.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licencesOf } from './licences.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const common = { absWorkingDir: root, bundle: true, minify: true, logLevel: 'warning' };

for (const name of ['report', 'live']) {
  const page = {
    ...common,
    entryPoints: [`src/page/${name}.ts`],
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    loader: { '.css': 'empty' }, // the flame graph's styles, which are replaced by our own
  };
  // Built once to find out what the bundle contains.
  const { metafile } = await build({ ...page, write: false, metafile: true });
  const files = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path);
  const banner = { js: `/*\n${licencesOf(files).replaceAll('*/', '* /')}\n*/` };
  await build({ ...page, outfile: `dist/page/${name}.js`, banner });
}
await build({ ...common, entryPoints: ['src/page/page.css'], outfile: 'dist/page/page.css' });

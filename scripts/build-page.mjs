// SPDX-License-Identifier: MIT
// Bundles the pages (HTML reports, the live page) into dist/html, each with the licences of what is in it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const common = { absWorkingDir: root, bundle: true, minify: true, logLevel: 'warning' };

for (const name of ['report', 'live']) {
  const page = {
    ...common,
    entryPoints: [`src/html/page/${name}.ts`],
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    loader: { '.css': 'empty' }, // the flame graph's own; ours has its place
  };
  // What is in the bundle is known when it has been made once.
  const { metafile } = await build({ ...page, write: false, metafile: true });
  const banner = { js: licencesOf(metafile) };
  await build({ ...page, outfile: `dist/html/${name}.js`, banner });
}
await build({ ...common, entryPoints: ['src/html/page/page.css'], outfile: 'dist/html/page.css' });

function licencesOf(metafile) {
  const packages = new Set(
    Object.values(metafile.outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
      .filter((name) => name !== undefined),
  );
  const licences = [...packages].sort().map((name) => {
    const text = readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8');
    return `${name}\n\n${text.trim()}`;
  });
  return `/*\n${licences.join('\n\n----\n\n').replaceAll('*/', '* /')}\n*/`;
}

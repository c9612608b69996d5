// SPDX-License-Identifier: MIT
// The location of this package's own code and files. Only this module may use __dirname. It remains
// a file of its own (scripts/bundle.mjs), and has no syntax that is newer than ES2020, so that the
// file tracers of ncc and nft understand it.
import { callSites } from '../host/call-sites.js';

declare const PACKAGE_VERSION: string; // scripts/bundle.mjs replaces it

// Bundled into an application, this module is part of one of its files: then no file is the
// package's. (A bundle of ES modules has no __dirname, other bundles may have a made-up one.)
const { existsSync } = process.getBuiltinModule('node:fs');
const hasDirectory = typeof __dirname === 'string';
const isOurs =
  hasDirectory && /\/dist\/files\/package-files\.js$/.test(__filename) && existsSync(__filename);

/** Where the package's code is, with a slash at its end; undefined: bundled into an application. */
export const ownDirectory: string | undefined = isOurs
  ? __dirname.slice(0, -'files'.length)
  : undefined;

/** Empty where the code is not built. */
export const packageVersion: string = typeof PACKAGE_VERSION === 'string' ? PACKAGE_VERSION : '';

/**
 * The path of a binary, by its name in prebuilds/. From a bundle that has none beside it, that of the
 * package, of this version, which the bundle's file can require, or else the program's.
 *
 * @throws Error MODULE_NOT_FOUND: bundled, and there is no such package.
 */
export function binaryFile(name: string): string {
  let here: string | undefined;
  // File tracers and some bundlers evaluate this expression, and copy the files.
  if (hasDirectory) here = `${__dirname}/../../prebuilds/${name}`;
  return here !== undefined && (isOurs || existsSync(here))
    ? here
    : installedFile(`prebuilds/${name}`);
}

/** The path of a file of dist/page, found as {@link binaryFile} is. */
export function pageFile(name: string): string {
  let here: string | undefined;
  if (hasDirectory) here = `${__dirname}/../page/${name}`;
  return here !== undefined && existsSync(here) ? here : installedFile(`dist/page/${name}`);
}

function installedFile(path: string): string {
  const [bundle] = callSites(installedFile, 1);
  for (const from of [bundle?.filename, process.argv[1]]) {
    const root = packageFor(from);
    if (root !== undefined && existsSync(`${root}${path}`)) return `${root}${path}`;
  }
  const missing = new Error(
    `this program is bundled without ${path} of tracemalloc: install tracemalloc ${packageVersion} where the bundle can require it`,
  );
  throw Object.assign(missing, { code: 'MODULE_NOT_FOUND' });
}

/** Where the package is that the file at `from` can require, if its version is this one's. */
function packageFor(from: string | undefined): string | undefined {
  if (from === undefined) return undefined;
  const { createRequire } = process.getBuiltinModule('node:module');
  try {
    const require = createRequire(from);
    const manifest = require.resolve('tracemalloc/package.json');
    return require(manifest).version === packageVersion
      ? manifest.slice(0, manifest.lastIndexOf('/') + 1)
      : undefined;
  } catch {
    return undefined;
  }
}

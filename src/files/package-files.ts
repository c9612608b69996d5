// SPDX-License-Identifier: MIT
// Where this package's own code lies: it is built into few files (scripts/bundle.mjs), which start
// faster and hold less memory than many. Only modules of this folder may ask for import.meta.url.

// Bundled into an application, this module is a file of the application's: then nothing is ours.
// (import.meta.url is empty where a bundler has made CommonJS of it. webpack turns `new URL(path,
// import.meta.url)` into a place of its own.)
const here: string = import.meta.url ?? '';
const isOurs = /\/dist\/tracemalloc-part-\w+\.js$/.test(here);

/** With a slash at its end; undefined: inside somebody's bundle. */
export const packageUrl: string | undefined = isOurs
  ? here.slice(0, here.lastIndexOf('/') + 1)
  : undefined;

/** A file of the built package, relative to `dist`. */
export function packageFile(path: string): URL {
  return new URL(path, here);
}

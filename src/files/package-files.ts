// SPDX-License-Identifier: MIT
// The location of this package's own code: it is built into few files (scripts/bundle.mjs), which
// start faster and use less memory than many. Only modules of this folder may use import.meta.url.

// Bundled into an application, this module is part of one of its files: then no file is the
// package's. (import.meta.url is empty where a bundler has made CommonJS of it. webpack replaces
// `new URL(path, import.meta.url)` by a URL of its own.)
const here: string = import.meta.url ?? '';
const isOurs = /\/dist\/tracemalloc-part-\w+\.js$/.test(here);

/** With a slash at its end; undefined: bundled into an application. */
export const packageUrl: string | undefined = isOurs
  ? here.slice(0, here.lastIndexOf('/') + 1)
  : undefined;

/** A file of the built package, relative to `dist`. */
export function packageFile(path: string): URL {
  return new URL(path, here);
}

// SPDX-License-Identifier: MIT
// Puts files into the directories of programs.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes texts by their paths; other values become JSON. */
export function write(directory, files) {
  for (const [path, content] of Object.entries(files)) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

/** Copies the sources of an installed package. */
export function copy(place, from, to) {
  cpSync(place.module(from), join(place.directory, to), { recursive: true });
}

/** Copies one of the applications beside this folder. */
export function copyApp(place, name) {
  cpSync(join(import.meta.dirname, '../apps', name), join(place.directory, name));
}

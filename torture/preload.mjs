// SPDX-License-Identifier: MIT
// Compiles a library to be preloaded.
import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNode } from './node-child.mjs';

/** Returns the path of the library, which is in `directory`; `source`: relative to this file. */
export async function compilePreload(source, directory) {
  const library = join(directory, `${basename(source, '.cc')}.so`);
  const path = fileURLToPath(new URL(source, import.meta.url));
  const options = ['-O1', '-shared', '-fPIC', '-o', library, path, '-ldl'];
  const { code, stderr } = await runNode('g++', options);
  assert.equal(code, 0, stderr);
  return library;
}

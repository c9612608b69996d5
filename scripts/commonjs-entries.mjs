// SPDX-License-Identifier: MIT
// For each entry of the package that CommonJS may require, writes a module that requires the ES
// module, so that both are the same instance, and its types. With `module: node16` TypeScript does
// not let CommonJS import the types of an ES module, so each value is declared again, with its type
// from there.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const isClass = (value) =>
  typeof value === 'function' && Function.prototype.toString.call(value).startsWith('class');

function declarations(module, path) {
  const there = `import('./${path}', { with: { 'resolution-mode': 'import' } })`;
  const values = Object.entries(module).flatMap(([name, value]) => [
    `export declare const ${name}: typeof ${there}.${name};`,
    ...(isClass(value) ? [`export type ${name} = ${there}.${name};`] : []),
  ]);
  const types = `export type * from './${path}' with { 'resolution-mode': 'import' };`;
  return [types, ...values, ''].join('\n');
}

/** Writes them into `root`, for all exports of its package.json that have a `require` condition. */
export async function writeCommonJsEntries(root) {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const entry of Object.values(exports)) {
    if (entry.require === undefined) continue;
    const path = entry.import.default;
    const isEffect = path.endsWith('/register.js'); // loading it has side effects
    const module = isEffect ? {} : await import(pathToFileURL(join(root, path)).href);
    const name = basename(path);
    writeFileSync(join(root, entry.require.default), `module.exports = require('./${name}');\n`);
    writeFileSync(join(root, entry.require.types), declarations(module, name));
  }
}

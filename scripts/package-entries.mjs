// SPDX-License-Identifier: MIT
// For each entry of the package, writes the ES module over its CommonJS module, so that both are the
// same instance, and its types.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Writes them into `root`, for all exports of its package.json that have a `require` condition. */
export function writePackageEntries(root) {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const entry of Object.values(exports)) {
    if (entry.require === undefined) continue;
    const write = (file, text) => writeFileSync(join(root, file), text);
    const implementation = join(root, entry.require.default);
    const there = `'./${basename(implementation)}'`;
    if (there === "'./register.js'") {
      // Loading it has side effects; it exports nothing.
      write(entry.import.default, `import ${there};\n`);
      for (const { types } of Object.values(entry)) write(types, 'export {};\n');
    } else {
      const names = Object.keys(require(implementation));
      const byDefault = names.includes('default') ? `export { default } from ${there};\n` : '';
      write(entry.import.default, `export { ${names.join(', ')} } from ${there};\n`);
      write(entry.import.types, `export * from ${there};\n${byDefault}`);
    }
  }
}

// SPDX-License-Identifier: MIT
// The licences of packages that are bundled into ours, which must be distributed with their code.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules');

/** The licences of all packages that these files are of. */
export function licencesOf(files) {
  const packages = new Set(
    files
      .map((path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
      .filter((name) => name !== undefined),
  );
  return [...packages].sort().map(licenceOf).join('\n\n----\n\n');
}

function licenceOf(name) {
  const file = readdirSync(join(modules, name)).find((each) => /^licen[cs]e(\.|$)/i.test(each));
  const text = readFileSync(join(modules, name, file), 'utf8');
  return `${name}\n\n${text.trim()}`;
}

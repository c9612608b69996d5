// SPDX-License-Identifier: MIT
// Every name in parentheses that a user can see is explained, in the page and in the docs.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { explained, SPECIAL_NAMES } from '../../src/text/special-names.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const sources = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|cc|h)$/.test(name) && !/(^|\/)test\/|special-names/.test(name))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8'));

test('each name in parentheses in the sources has an explanation', () => {
  const names = new Set(
    [...sources('src'), ...sources('native')].flatMap((text) =>
      [...text.matchAll(/['"](\([a-z][a-z0-9 ]+\))['"]/g)].map(([, name]) => name as string),
    ),
  );
  expect(names.size).toBeGreaterThan(20);
  expect([...names].filter((name) => explained(name) === undefined)).toEqual([]);
  expect(Object.keys(SPECIAL_NAMES).filter((name) => !names.has(name))).toEqual([]);
});

test('docs/report.md lists them all', () => {
  const text = readFileSync(join(ROOT, 'docs/report.md'), 'utf8');
  const rows = Object.entries(SPECIAL_NAMES).map(([name, stands]) => `| \`${name}\` | ${stands} |`);
  expect(rows.filter((row) => !text.includes(row))).toEqual([]);
});

// SPDX-License-Identifier: MIT
// The recipes run, print what the guide shows except for figures, and are in the guide verbatim.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../support/child.js';

const ROOT = new URL('../../', import.meta.url);
const guide = readFileSync(new URL('docs/python.md', ROOT), 'utf8');
const recipes = readdirSync(new URL('examples/recipes', ROOT));

const FIRST_LINE: Readonly<Record<string, RegExp>> = {
  'top.mjs': /recipes\/top\.mjs:7: size=[\d.]+ [KM]iB, count=\d+, average=\d+ B$/m,
  'compare.mjs': /recipes\/compare\.mjs:\d+: size=.* \(\+[\d.]+ [KM]iB\), count=.* \(\+\d+\)/,
  'pretty.mjs':
    /^Top 3 lines\n#1: recipes\/pretty\.mjs:\d+: \d+\.\d KiB\n {4}const \w+ = [\s\S]*^Total allocated size: \d+\.\d KiB$/m,
  'filter.mjs': /^its line 6: \d{3} KiB\nall that it caused: \d{4} KiB\nimages: 977 KiB$/m,
  'traceback.mjs':
    /^\d+ blocks: \d+\.\d KiB\n {2}File ".*traceback\.mjs", line \d+\n {4}return \{ id, .*\n {2}File ".*\n {4}for/m,
  'object.mjs': /^ {2}File ".*object\.mjs", line 7\n {4}return \{ host, sockets: \[\] \};$/m,
  'peak.mjs': /^first: current \d+ KiB, peak \d+ KiB\nsecond: current \d+ KiB, peak \d+ KiB$/m,
};

test.each(recipes)('%s runs, and is in the guide', async (name) => {
  const file = new URL(`examples/recipes/${name}`, ROOT);
  const { code, stdout, stderr } = await run(file);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(FIRST_LINE[name]!);
  expect(guide).toContain(readFileSync(file, 'utf8').split('\n').slice(2).join('\n'));
});

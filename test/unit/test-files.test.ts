// SPDX-License-Identifier: MIT
// Tests are code: linted, formatted, and found by their names. A child runs a function or a file of
// test/fixtures; only if the text itself is tested, it may be a line of text.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

const FILES = globSync('test/**/*.test.ts');

/** Texts of more than one line that are passed to a function that runs them. */
function programTexts(source: string): string[] {
  const calls = source.matchAll(/(?<![\w.])(?:run|evaluate)(?:<[^()]*>)?\(\s*(`[^`]*`|\w+)/g);
  return [...calls]
    .map(([, given = '']) => {
      if (given.startsWith('`')) return given;
      const declared = new RegExp(`const ${given} = (?:\\([^)]*\\) => )?(\`[^\`]*\`)`);
      return declared.exec(source)?.[1] ?? '';
    })
    .filter((text) => text.includes('\n'));
}

test('no two test files have one name', () => {
  const names = FILES.map((path) => basename(path));
  expect(names.length).toBeGreaterThan(90);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test('no test passes a program of more than one line to a child as text', () => {
  expect(programTexts('await run(`one\ntwo`)')).toHaveLength(1);
  expect(programTexts('const TEXT = `one\ntwo`;\nevaluate<string[]>(TEXT)')).toHaveLength(1);
  expect(programTexts("run(`console.log('one')`)\nrun(FILE)")).toEqual([]);
  const found = FILES.filter((path) => !path.endsWith(basename(import.meta.filename))).flatMap(
    (path) => programTexts(readFileSync(path, 'utf8')).map((text) => `${path}: ${text}`),
  );
  expect(found).toEqual([]);
});

test('the error of a program that uses an outer variable says what to do', async () => {
  const outside = FILES.length;
  await expect(evaluate(() => outside)).rejects.toThrow(
    'outside is outside of the program: give it in `given`',
  );
  expect(await evaluate(({ given }) => given, { given: outside })).toBe(outside);
});

// SPDX-License-Identifier: MIT
// Digests of texts; native/test/text_digest_test.cc has the same texts with the same figures.
import { expect, test } from 'vitest';
import { agreement, digestOf, shapeOf } from '../../src/mirror/text-digest.js';

const LAST = 'let größe;\nconst a = 1;\n\n// 日本 😀\nlast';

test.each([
  ['', [0, 1, 0x0, 0x0, 0x0, 0x2362f9de]],
  ['one line', [8, 1, 0xe6fe6d20, 0x0, 0x0, 0x935f44f1]],
  ['a\n', [2, 2, 0x6f49d11a, 0x0, 0x0, 0x53075d44]],
  [LAST, [38, 5, 0x9a76df13, 0x373868ec, 0x1722f8d6, 0x6d7f2ba]],
])('the digest of %j is right', (text, [length, lines, first, rest, body, shape]) => {
  const digest = { length, lines, first, rest, body, shape };
  expect(digestOf(text)).toEqual(digest);
  expect(digestOf(`\ufeff${text}`)).toEqual(digest);
  expect(digestOf(`${text}\n\n//# sourceURL=file:///app/a.ts`)).toEqual(digest);
});

test('a shape depends on the lengths of lines only', () => {
  expect(shapeOf(LAST.split('\n').map(({ length }) => length))).toBe(digestOf(LAST).shape);
});

const FILE = 'let a: string;\n\nexport const b = [\n  1,\n];\n';
const SAME_LENGTHS = FILE.replace(': string', '        ');

test.each<[what: string, script: string, file: string, typed: boolean, agreement: string]>([
  ['the same text', FILE, FILE, false, 'all'],
  ['no text', '', '', false, 'all'],
  ['blanks for types', SAME_LENGTHS, FILE, true, 'all'],
  ['blanks where there are no types', SAME_LENGTHS, FILE, false, 'none'],
  ['types left out', FILE.replace(': string', ''), FILE, true, 'none'],
  ['a function around it', `(function (a) {${FILE}\n});`, FILE, false, 'all but the first'],
  ['one with a line of its own', `(function (a) {\n${FILE}\n});`, FILE, false, 'none'],
  ['a line before', `let c = 0;\n${FILE}`, FILE, false, 'none'],
  ['a line behind', `${FILE}let c = 0;\n`, FILE, false, 'none'],
  ['a line less', FILE.replace('\n\n', '\n'), FILE, true, 'none'],
  ['a line feed less', FILE.slice(0, -1), FILE, true, 'none'],
  ['another first line', FILE.replace('let', 'var'), FILE, false, 'none'],
  ['another number', FILE.replace('1', '2'), FILE, false, 'none'],
  ['one line, and none', 'f();\n', 'f();', false, 'none'],
  ['a function around one line', '(function () {f();\n});', 'f();', false, 'none'],
])('%s', (_, script, file, typed, expected) => {
  expect(agreement(digestOf(script), digestOf(file), typed)).toBe(expected);
});

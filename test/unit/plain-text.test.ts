// SPDX-License-Identifier: MIT
// Text for people contains nothing that a terminal, a browser or a log would interpret.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plain, plainJson, plainName } from '../../src/text/plain-text.js';

const allCharacters = function* () {
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code);
  }
};

test('controls, direction marks, line ends and lone surrogates are escaped', () => {
  for (const [text, shown] of [
    ['\u001b]0;PWNED\u0007', '\\u001b]0;PWNED\\u0007'],
    ['a\nFAKE LOG LINE\r\n', 'a\\nFAKE LOG LINE\\r\\n'],
    ['\u202Egnp.exe\u2066', '\\u202egnp.exe\\u2066'],
    ['\u009b31m\u0085\u007f', '\\u009b31m\\u0085\\u007f'],
    [
      '\u2028\u2029\u200b\u200d\ufeff\u00ad\u061c',
      '\\u2028\\u2029\\u200b\\u200d\\ufeff\\u00ad\\u061c',
    ],
    ['\ud800lone\udfff', '\\ud800lone\\udfff'],
    ['\u{e0041}tag', '\\udb40\\udc41tag'],
  ] as const) {
    expect(plain(text)).toBe(shown);
  }
});

test('visible characters are unchanged, including backslashes and quotes', () => {
  for (const name of [
    'C:\\new\\table.js',
    '/srv/app/"quoted" \'name\' `x`.js',
    '/app/日本語/файл.ts',
    'ファイル',
    'e\u0301tat',
    '👩 naïve.ts',
    '</script><script>alert(1)</script>',
  ]) {
    expect(plain(name)).toBe(name);
    expect(plainName(name)).toBe(name);
  }
});

test('a very long name keeps its beginning and its end', () => {
  const name = `/app/${'x'.repeat(2 ** 20)}/\u001bend.js`;
  expect(plainName(name)).toMatch(/^\/app\/x{251}…x+\/\\u001bend\.js$/);
  expect(plainName(name).length).toBeLessThan(600);
});

test('JSON is plain and parses to the same value', () => {
  const value = [[...allCharacters()].join(''), { '\u001b\u202e': '\ud800 "\\' }];
  const json = plainJson(value);
  expect(JSON.parse(json)).toEqual(value);
  expect(plain(json)).toBe(json);
});

test('the native code escapes the same characters', () => {
  const source = readFileSync(
    join(import.meta.dirname, '../../native/report/plain_text.cc'),
    'utf8',
  );
  const ranges = [...source.matchAll(/\{(0x[0-9a-f]+), (0x[0-9a-f]+)\}/g)].map(
    ([, first, last]) => [Number(first), Number(last)] as const,
  );
  expect(ranges.length).toBeGreaterThan(20);
  const differing = [...allCharacters()].filter((character) => {
    const code = character.codePointAt(0)!;
    const isHidden = ranges.some(([first, last]) => first <= code && code <= last);
    return isHidden !== (plain(character) !== character);
  });
  expect(differing).toEqual([]);
});

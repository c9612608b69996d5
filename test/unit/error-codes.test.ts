// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('docs/errors.md explains each code of an error', () => {
  const [, union = ''] = /type ErrorCode =\n(.*?);\n/s.exec(textOf('src/errors.ts')) ?? [];
  const codes = [...union.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code);
  const rows = [...textOf('docs/errors.md').matchAll(/^\| `(ERR_\w+)` \|/gm)].map(
    ([, code]) => code,
  );
  expect(codes.length).toBeGreaterThan(10);
  expect(rows.sort()).toEqual(codes.sort());
});

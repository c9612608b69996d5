// SPDX-License-Identifier: MIT
// Tests are code: linted, formatted, and found by their names.
import { basename } from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';

test('no two test files have one name', () => {
  const names = globSync('test/**/*.test.ts').map((path) => basename(path));
  expect(names.length).toBeGreaterThan(90);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

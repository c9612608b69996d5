// SPDX-License-Identifier: MIT
// The fixture has the results of CPython 3.11's tracemalloc._format_size(), signed and unsigned.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatCount, formatSize } from '../../src/text/size.js';

const GOLDEN: [size: number, text: string, signed: string][] = JSON.parse(
  readFileSync(new URL('../fixtures/python-sizes.json', import.meta.url), 'utf8'),
);

test('sizes print as CPython prints them', () => {
  for (const [size, text, signed] of GOLDEN) {
    expect(formatSize(size), `${size}`).toBe(text);
    expect(formatSize(size, { signed: true }), `${size} signed`).toBe(signed);
  }
});

test('a tie is rounded to even, what only looks like a tie is not', () => {
  expect(formatSize(12.25 * 1024)).toBe('12.2 KiB');
  expect(formatSize(12.75 * 1024)).toBe('12.8 KiB');
  expect(formatSize(12.15 * 1024), '12.15 is a little more than it says').toBe('12.2 KiB');
  expect(formatSize(12.35 * 1024), '12.35 is a little less').toBe('12.3 KiB');
  expect(formatSize(-12.25 * 1024)).toBe('-12.2 KiB');
});

test('counts are integers, signed if requested, and never -0', () => {
  expect(formatCount(9999.6)).toBe('10000');
  expect(formatCount(2.5)).toBe('2');
  expect(formatCount(0, { signed: true })).toBe('+0');
  expect(formatCount(-0.2, { signed: true })).toBe('+0');
  expect(formatCount(-3, { signed: true })).toBe('-3');
  expect(formatSize(-0.2)).toBe('0 B');
});

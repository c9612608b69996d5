// SPDX-License-Identifier: MIT
// What tracemalloc/testing says and accepts.
import { expect, test } from 'vitest';
import { OPTIONS } from '../../src/options.js';
import { MemoryGrowthError, MemoryLimitError } from '../../src/testing/errors.js';
import { requireSummary, summaryText } from '../../src/testing/summary.js';

test.each([
  ['50 MB', 50_000_000],
  ['50MiB', 52_428_800],
  ['1.5 kb', 1500],
  ['1 GiB', 2 ** 30],
  [' 7 ', 7],
  ['0', 0],
  [1234.5, 1234.5],
  ['-1', undefined],
  ['5 apples', undefined],
  [Number.NaN, undefined],
  [-1, undefined],
  [true, undefined],
])('%j is an amount of %j bytes', (given, bytes) => {
  expect(OPTIONS.maxBytes.accept(given)).toBe(bytes);
});

const line = {
  site: '/app/cart.js:5',
  function: 'fill',
  domain: 'heap',
  size: 194_560,
  count: 120,
  bytesPerRun: 1632,
  countPerRun: 2,
  types: ['Array', 'Cart'],
  callers: ['/app/cart.test.js:9'],
  heldBy: 'variable `carts`\n  → Array[*]',
};

test('growth is told line by line', () => {
  const error = new MemoryGrowthError({ lines: [line], runs: 180 });
  expect(error.code).toBe('ERR_MEMORY_GROWTH');
  expect(error.message.split('\n')).toEqual([
    'memory grows: 1 line holds more after each block of 180 runs in all',
    '  /app/cart.js:5 (fill): size=190 KiB (+1632 B a run), count=120 (+2.0 a run): Array, Cart',
    '    called by /app/cart.test.js:9',
    '    held by',
    '      variable `carts`',
    '        → Array[*]',
  ]);
});

test('names cannot forge lines or move the cursor', () => {
  const evil = { ...line, function: 'a\nb', types: ['\u001b[2J'], callers: ['x\r'] };
  const { message } = new MemoryGrowthError({ lines: [evil], runs: 1 });
  expect(message).toContain('(a\\nb)');
  expect(message).toContain('\\u001b[2J');
  expect(message).toContain('called by x\\r');
});

test('only the first twenty lines are in the message', () => {
  const lines = Array.from({ length: 22 }, () => line);
  const error = new MemoryGrowthError({ lines, runs: 1 });
  expect(error.message).toMatch(/ {2}and 2 more$/);
  expect(error.lines).toHaveLength(22);
});

test('a summary is a table whose cells no name can leave', () => {
  const evil = { ...line, site: '/app/a|b`c<img>.js:1', function: '[x](y)' };
  const text = summaryText({
    error: new MemoryGrowthError({ lines: [evil], runs: 1 }),
    place: '/app/test.js:3',
    name: 'a | b\n# c',
  });
  const lines = text.split('\n');
  expect(lines[0]).toBe('### Memory grows: `a \\u007c b\\n# c, /app/test.js:3`');
  expect(lines[2]).toBe('| line | a run | count a run | live | count |');
  expect(lines[4]).toBe(
    '| `/app/a\\u007cb\\u0060c<img>.js:1 ([x](y))` | +1632 B | 2.0 | 190 KiB | 120 |',
  );
  const limit = new MemoryLimitError({ peak: 2e6, limit: 1e6, allowed: '1 MB', lines: [] });
  expect(limit.message).toContain('(2000000 B) were live at once, more than the limit of 1 MB');
  expect(summaryText({ error: limit, place: 'a:1', name: undefined })).toContain(
    '### Memory above 1 MB: `a:1`\n\n| line | allocated | live | count |',
  );
});

test('only the first twenty lines are in a summary', () => {
  const lines = Array.from({ length: 22 }, () => line);
  const error = new MemoryGrowthError({ lines, runs: 1 });
  const text = summaryText({ error, place: 'a:1', name: undefined });
  expect(text.split('\n').filter((row) => row.startsWith('| `'))).toHaveLength(20);
  expect(text).toMatch(/\|\n\nand 2 more\n/);
});

test('a summary goes to a file, or nowhere', () => {
  for (const summary of [undefined, false, 'a.md'] as const) {
    expect(() => requireSummary(summary === undefined ? {} : { summary })).not.toThrow();
  }
  expect(() => requireSummary({ summary: true as false })).toThrow(
    'summary must be the path of a file, or false, not true',
  );
});

// SPDX-License-Identifier: MIT
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Frame } from '../../src/traces/frame.js';
import { Traceback } from '../../src/traces/traceback.js';
import { frameOf, snapshotOf } from '../support/snapshots.js';

let directory: string;
let file: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-traceback-'));
  file = join(directory, 'app.js');
  writeFileSync(file, 'one();\r\n\n   three();  \n');
});
afterAll(() => rmSync(directory, { recursive: true }));

const stack = () =>
  new Traceback([
    new Frame(file, 1),
    new Frame(file, 2),
    new Frame('node:fs', 7),
    new Frame(file, 3),
  ]);

test("format() writes Python's lines, with source text if there is any", () => {
  expect(stack().format({ sources: [directory] })).toEqual([
    `  File "${file}", line 1`,
    '    one();',
    `  File "${file}", line 2`,
    '  File "node:fs", line 7',
    `  File "${file}", line 3`,
    '    three();',
  ]);
});

test('a positive limit takes the newest frames, a negative one leaves them out, 0 takes none', () => {
  const places = (options: object) =>
    stack()
      .format(options)
      .filter((line) => line.startsWith('  File'))
      .map((line) => line.replace(/.*line /, ''));
  expect(places({ limit: 2 })).toEqual(['7', '3']);
  expect(places({ limit: 9 })).toEqual(['1', '2', '7', '3']);
  expect(places({ limit: -1 })).toEqual(['1', '2', '7']);
  expect(places({ limit: -9 })).toEqual([]);
  expect(places({ limit: 0 })).toEqual([]);
  expect(places({ mostRecentFirst: true })).toEqual(['3', '7', '2', '1']);
  expect(places({ limit: 2, mostRecentFirst: true })).toEqual(['3', '7']);
  expect(places({ limit: -2, mostRecentFirst: true })).toEqual(['2', '1']);
  expect(() => stack().format({ limit: 1.5 })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
  );
});

test('a traceback prints its allocating line, and is a sequence, oldest first', () => {
  expect(String(stack())).toBe(`${file}:3`);
  expect([...stack()].map((frame) => frame.lineno)).toEqual([1, 2, 7, 3]);
  expect(stack().at(-1)?.lineno).toBe(3);
  expect(stack().chargedFrame('own')?.lineno).toBe(3);
});

test('equality ignores the total, order is lexicographic from the oldest', () => {
  const of = (...frames: string[]) => new Traceback(frames.map(frameOf));
  expect(new Traceback([frameOf('a.js:1')], 9).equals(of('a.js:1'))).toBe(true);
  expect(of('a.js:1').equals(of('a.js:2'))).toBe(false);
  const traces = (size: number) => snapshotOf([{ at: ['a.js:1'], size }]).traces[0]!;
  expect(traces(1).equals(traces(1))).toBe(true);
  expect(traces(1).equals(traces(2))).toBe(false);
  expect(of('a.js:9').compare(of('a.js:10'))).toBeLessThan(0);
  expect(of('a.js:9').compare(of('b.js:1'))).toBeLessThan(0);
  expect(of('a.js:9').compare(of('a.js:9', 'a.js:1'))).toBeLessThan(0);
});

test('frames print as in Python, or by function if they have no line', () => {
  expect(String(new Frame('a.js', 9, { functionName: 'f' }))).toBe('a.js:9');
  expect(String(new Frame('a.js', 0))).toBe('a.js:0');
  expect(String(new Frame('a.js', 0, { functionName: 'f' }))).toBe('f (a.js)');
  expect(String(new Frame('', 0))).toBe('<unknown>:0');
  expect(String(new Frame('(native)', 0, { functionName: 'push' }))).toBe('push (native)');
  expect(String(snapshotOf([{ at: ['a.js:9'], size: 12544 }]).traces[0])).toBe('a.js:9: 12.2 KiB');
});

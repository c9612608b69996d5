// SPDX-License-Identifier: MIT
// Names and positions: the resolver reports of a frame what V8 prints of it.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { PATIENCE, PROBE } from '../support/target.js';

interface Place {
  functionName: string | null;
  filename: string | null;
  line: number;
  column: number;
  origin?: string;
}

const root = join(import.meta.dirname, '../..');
let cases: Record<string, { walked: Place; site: Place }>;
let directory: string;

beforeAll(() => {
  const text = execFileSync(process.execPath, [join(root, 'test/oracle/name-cases.mjs'), PROBE], {
    timeout: 30_000 * PATIENCE,
    encoding: 'utf8',
  });
  ({ cases, directory } = JSON.parse(text));
});

function walked(name: string): Place {
  const found = cases[name];
  if (found === undefined) throw new Error(`no case ${name}`);
  return found.walked;
}

test('lines and columns equal V8’s in every case', () => {
  const places = (kind: 'walked' | 'site') =>
    Object.entries(cases).map(([name, pair]) => [name, pair[kind].line, pair[kind].column]);
  expect(Object.keys(cases).length).toBeGreaterThan(35);
  expect(places('walked')).toEqual(places('site'));
});

test('function names equal V8’s, except computed ones', () => {
  for (const [name, pair] of Object.entries(cases)) {
    if (name === 'computed') continue;
    expect([name, pair.walked.functionName]).toEqual([name, pair.site.functionName ?? '']);
  }
  // V8 keeps a computed name on the closure only. The function's own name is shown.
  expect(cases['computed']?.site.functionName).toBe('later');
  expect(walked('computed').functionName).toBe('');
});

test('file names equal V8’s; a nameless eval has its origin', () => {
  for (const [name, pair] of Object.entries(cases)) {
    // For a data: module V8 returns the whole text.
    if (name === 'data' || name === 'long data') continue;
    expect([name, pair.walked.filename]).toEqual([name, pair.site.filename ?? pair.site.origin]);
  }
});

describe('names are those that users know', () => {
  test.each([
    ['inferred', 'o.handler'],
    ['class member', 'save'],
    ['getter', 'get value'],
    ['private member', '#hide'],
    ['constructor', 'Store'],
    ['async', 'load'],
    ['eval', 'eval'],
  ])('function: %s', (name, expected) => {
    expect(walked(name).functionName).toBe(expected);
  });

  test('CommonJS has a path, a module a file: URL, internals have node:', () => {
    expect(walked('commonjs').filename).toBe(join(directory, 'common é.cjs'));
    expect(walked('esm').filename).toMatch(/^file:\/\/.*\/module%20%C3%A9\.mjs$/);
    expect(walked('internal').filename).toBe('node:events');
    expect(walked('sourceURL').filename).toBe('named.js');
  });

  test('eval, nested eval and new Function have the place of their call', () => {
    const host = /^eval at host \(.*name-cases\.mjs:\d+:\d+\)$/;
    expect(walked('eval').filename).toMatch(host);
    expect(walked('indirect eval').filename).toMatch(host);
    expect(walked('new Function').filename).toMatch(host);
    expect(walked('nested eval').filename).toMatch(
      /^eval at <anonymous> \(eval at host \(.*name-cases\.mjs:\d+:\d+\)\)$/,
    );
  });

  test('a data: URL is its type and a number, however short its text', () => {
    const [short, long] = [walked('data').filename, walked('long data').filename];
    expect(short).toMatch(/^data:text\/javascript,…#[0-9a-f]{8}$/);
    expect(long).toMatch(/^data:text\/javascript,…#[0-9a-f]{8}$/);
    expect(short).not.toBe(long);
  });

  test('vm scripts have their offsets', () => {
    expect(walked('vm')).toMatchObject({ filename: 'placed.js', line: 11 });
    expect(walked('vm second line')).toMatchObject({ line: 12, column: 2 });
    expect(walked('compileFunction')).toMatchObject({ line: 6, column: 2 });
  });
});

// SPDX-License-Identifier: MIT
// Names and places: what the resolver tells of a frame is what V8 prints of it.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

interface Place {
  functionName: string | null;
  filename: string | null;
  line: number;
  column: number;
  origin?: string;
}

const root = join(import.meta.dirname, '../..');
const addon = join(
  root,
  `build/abi${process.versions.modules}/build/Release/tracemalloc_probe.node`,
);
let cases: Record<string, { walked: Place; site: Place }>;
let directory: string;

beforeAll(() => {
  const text = execFileSync(process.execPath, [join(root, 'test/oracle/name-cases.mjs'), addon], {
    timeout: 30_000,
    encoding: 'utf8',
  });
  ({ cases, directory } = JSON.parse(text));
});

function walked(name: string): Place {
  const found = cases[name];
  if (found === undefined) throw new Error(`no case ${name}`);
  return found.walked;
}

test('lines and columns are V8’s in every case', () => {
  const places = (kind: 'walked' | 'site') =>
    Object.entries(cases).map(([name, pair]) => [name, pair[kind].line, pair[kind].column]);
  expect(Object.keys(cases).length).toBeGreaterThan(35);
  expect(places('walked')).toEqual(places('site'));
});

test('function names are V8’s, but for computed ones', () => {
  for (const [name, pair] of Object.entries(cases)) {
    if (name === 'computed') continue;
    expect([name, pair.walked.functionName]).toEqual([name, pair.site.functionName ?? '']);
  }
  // V8 keeps a computed name on the closure only. What is known of the function is shown.
  expect(cases['computed']?.site.functionName).toBe('later');
  expect(walked('computed').functionName).toBe('');
});

test('file names are V8’s, and of a nameless eval its origin', () => {
  for (const [name, pair] of Object.entries(cases)) {
    // Of a data: module V8 tells the whole text.
    if (name === 'data' || name === 'long data') continue;
    expect([name, pair.walked.filename]).toEqual([name, pair.site.filename ?? pair.site.origin]);
  }
});

describe('as users know them', () => {
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

  test('a path for CommonJS, a file: URL for a module, node: for internals', () => {
    expect(walked('commonjs').filename).toBe(join(directory, 'common é.cjs'));
    expect(walked('esm').filename).toMatch(/^file:\/\/.*\/module%20%C3%A9\.mjs$/);
    expect(walked('internal').filename).toBe('node:events');
    expect(walked('sourceURL').filename).toBe('named.js');
  });

  test('eval, nested eval and new Function say where they were called', () => {
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

  test('offsets of vm scripts', () => {
    expect(walked('vm')).toMatchObject({ filename: 'placed.js', line: 11 });
    expect(walked('vm second line')).toMatchObject({ line: 12, column: 2 });
    expect(walked('compileFunction')).toMatchObject({ line: 6, column: 2 });
  });
});

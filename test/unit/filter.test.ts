// SPDX-License-Identifier: MIT
// The fixture has the results of CPython 3.11's fnmatch.fnmatchcase().
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { DomainFilter, Filter } from '../../src/snapshot/filter.js';
import { globToRegExp } from '../../src/snapshot/glob.js';
import { snapshotOf } from '../support/snapshots.js';

const { names, rows }: { names: string[]; rows: [pattern: string, matches: string[]][] } =
  JSON.parse(readFileSync(new URL('../fixtures/python-globs.json', import.meta.url), 'utf8'));

test.each(rows)('%j matches what it matches in Python', (pattern, matches) => {
  const regExp = globToRegExp(pattern);
  expect(names.filter((name) => regExp.test(name))).toEqual(matches);
});

// Stacks are oldest first, as tracebacks are.
const snapshot = snapshotOf([
  { at: ['/app/main.js:1', '/app/a.js:5'], size: 10 },
  { at: ['/app/main.js:1', '/app/b.js:5'], size: 20 },
  { at: ['/app/a.js:7', '/app/b.js:0'], size: 40 },
  { at: ['/app/main.js:2', '/app/a.js:5'], size: 80, domain: 'buffer' },
]);
const kept = (...filters: (Filter | DomainFilter)[]) =>
  snapshot
    .filterTraces(filters)
    .traces.map((trace) => trace.size)
    .sort((a, b) => a - b);
const include = (filenamePattern: string, more = {}) =>
  new Filter({ inclusive: true, filenamePattern, ...more });
const exclude = (filenamePattern: string, more = {}) =>
  new Filter({ inclusive: false, filenamePattern, ...more });

test('without filters all is kept, in another snapshot', () => {
  expect(kept()).toEqual([10, 20, 40, 80]);
  expect(snapshot.filterTraces([])).not.toBe(snapshot);
});

test('the allocating frame decides, with allFrames any frame', () => {
  expect(kept(include('*/a.js'))).toEqual([10, 80]);
  expect(kept(include('*/a.js', { allFrames: true }))).toEqual([10, 40, 80]);
  expect(kept(exclude('*/a.js'))).toEqual([20, 40]);
  expect(kept(exclude('*/a.js', { allFrames: true }))).toEqual([20]);
});

test('line 0 is a line; without a line any matches', () => {
  expect(kept(include('*/b.js', { lineno: 0 }))).toEqual([40]);
  expect(kept(include('*/b.js', { lineno: 5 }))).toEqual([20]);
  expect(kept(include('*/b.js'))).toEqual([20, 40]);
  expect(kept(exclude('*', { lineno: 5 }))).toEqual([40]);
});

test('one matching inclusive filter is enough; one matching exclusive filter rejects', () => {
  expect(kept(include('*/a.js'), include('*/b.js', { lineno: 0 }))).toEqual([10, 40, 80]);
  expect(kept(include('*'), exclude('*/a.js'), exclude('*/b.js', { lineno: 0 }))).toEqual([20]);
});

test("an inclusive filter requires its domain; an exclusive one only excludes its domain's traces", () => {
  expect(kept(include('*/a.js', { domain: 'buffer' }))).toEqual([80]);
  expect(kept(exclude('*/a.js', { domain: 'buffer' }))).toEqual([10, 20, 40]);
  expect(kept(new DomainFilter({ inclusive: true, domain: 'buffer' }))).toEqual([80]);
  expect(kept(new DomainFilter({ inclusive: false, domain: 'buffer' }))).toEqual([10, 20, 40]);
});

test('fields that Python lets a program assign to have an effect', () => {
  const filter = include('*/a.js');
  filter.inclusive = false;
  expect(kept(filter)).toEqual([20, 40]);
  filter.allFrames = true;
  expect(kept(filter)).toEqual([20]);
  filter.domain = 'buffer';
  expect(kept(filter)).toEqual([10, 20, 40]);
  filter.lineno = 7;
  expect(kept(filter)).toEqual([10, 20, 40, 80]);
  const byDomain = new DomainFilter({ inclusive: true, domain: 'buffer' });
  byDomain.inclusive = false;
  expect(kept(byDomain)).toEqual([10, 20, 40]);
});

test.each([
  ['filenamePattern', include('*/a.js'), '*/a.js'],
  ['domain', new DomainFilter({ inclusive: true, domain: 'heap' }), 'heap'],
])('an assignment to %s throws, also in code that is not strict', (field, filter, value) => {
  const assign = new Function('filter', 'field', "filter[field] = 'other'");
  expect(() => assign(filter, field)).toThrow(
    expect.objectContaining({ name: 'TracemallocError', code: 'ERR_INVALID_ARGUMENT' }),
  );
  expect({ ...filter }).toMatchObject({ [field]: value });
});

test('a pattern that is a URL of a file matches its path, and the URL in profiles of other tools', () => {
  const odd = '/app/50% [x]*?é.js';
  const matches = (filenamePattern: string, filename: string) =>
    snapshotOf([{ at: [`${filename}:1`], size: 1 }]).filterTraces([include(filenamePattern)]).traces
      .length === 1;
  const url = String(pathToFileURL(odd));
  expect(matches(url, odd)).toBe(true);
  expect(matches(url, url)).toBe(true);
  expect(matches(odd.replaceAll(/[[*?]/g, '[$&]'), url)).toBe(true);
  expect(matches(String(pathToFileURL('/app/*.js')), '/app/a.js'), '* has no escape').toBe(true);
  expect(matches('file:///app/*.j?', '/app/a.js')).toBe(true);
  expect(matches('file:///app/a%2A.js', '/app/ab.js')).toBe(false);
  expect(matches('file:///app/%FF.js', '/app/%FF.js')).toBe(true);
  expect(matches('file:///app/b.js', '/app/a.js')).toBe(false);
});

test('wrong arguments throw ERR_INVALID_ARGUMENT with the value', () => {
  const wrong = (make: () => unknown, message: RegExp) =>
    expect(make).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARGUMENT',
        message: expect.stringMatching(message),
      }),
    );
  wrong(() => include(5 as never), /filenamePattern.*5/);
  wrong(() => new Filter({ inclusive: 1 as never, filenamePattern: '*' }), /inclusive.*1/);
  wrong(() => include('*', { lineno: 'nine' }), /lineno.*"nine"/);
  wrong(() => include('*', { lineno: NaN }), /lineno.*NaN/);
  wrong(() => snapshot.filterTraces('x' as never), /"x"/);
  wrong(() => snapshot.filterTraces([{}] as never), /array/);
});

// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { readEnvironment } from '../../src/service/environment.js';

const read = (env: Record<string, string>, isTerminal = false) =>
  readEnvironment(env, { isTerminal });

test.each([{}, { TRACEMALLOC: '' }, { TRACEMALLOC: '0' }, { TRACEMALLOC: ' 0 ' }])(
  '%o is off',
  (env) => {
    expect(read(env)).toMatchObject({ enabled: false, warnings: [] });
  },
);

test('1 is on with defaults, a larger number is the traceback limit', () => {
  expect(read({ TRACEMALLOC: '1' })).toEqual({
    enabled: true,
    tracebackLimit: 96,
    sampleInterval: 'auto',
    domains: ['heap', 'buffer'],
    reportEvery: 60000,
    top: 8,
    keyType: 'lineno',
    frames: 'own',
    format: 'json',
    sourceMaps: true,
    routes: false,
    retainers: 'off',
    signal: undefined,
    directory: undefined,
    heapLimit: true,
    memoryLimit: 'auto',
    memoryMarks: [80, 90, 95],
    reportAtExit: false,
    warnings: [],
  });
  expect(read({ TRACEMALLOC: '25' }).tracebackLimit).toBe(25);
  expect(read({ TRACEMALLOC: '1', TRACEMALLOC_FRAMES: 'app' }).frames).toBe('app');
  expect(read({ TRACEMALLOC: '1' }, true).format).toBe('text');
});

test.each([
  ['buffer', ['buffer']],
  ['buffer, heap', ['heap', 'buffer']],
])('domains %s', (text, expected) => {
  const { domains, warnings } = read({ TRACEMALLOC: '1', TRACEMALLOC_DOMAINS: text });
  expect([domains, warnings]).toEqual([expected, []]);
});

test.each([
  ['auto', 'auto'],
  ['512KiB', 524288],
  ['512 kib', 524288],
  ['1', 1],
  ['1.5MiB', 1572864],
  ['64B', 64],
])('an interval of %s', (text, bytes) => {
  const { sampleInterval, warnings } = read({
    TRACEMALLOC: '1',
    TRACEMALLOC_SAMPLE_INTERVAL: text,
  });
  expect([sampleInterval, warnings]).toEqual([bytes, []]);
});

test.each([
  ['0', 0],
  ['60s', 60000],
  ['500ms', 500],
  ['1.5m', 90000],
  ['2h', 7200000],
])('reports every %s', (text, milliseconds) => {
  const { reportEvery, warnings } = read({ TRACEMALLOC: '1', TRACEMALLOC_REPORT_EVERY: text });
  expect([reportEvery, warnings]).toEqual([milliseconds, []]);
});

test.each([
  { name: 'TRACEMALLOC_SAMPLE_INTERVAL', value: '0', fallback: 'auto' },
  { name: 'TRACEMALLOC_SAMPLE_INTERVAL', value: '4GiB', fallback: 'auto' },
  { name: 'TRACEMALLOC_SAMPLE_INTERVAL', value: 'NaN', fallback: 'auto' },
  { name: 'TRACEMALLOC_REPORT_EVERY', value: '60', fallback: '60s' },
  { name: 'TRACEMALLOC_REPORT_EVERY', value: '1ms', fallback: '60s' },
  { name: 'TRACEMALLOC_REPORT_EVERY', value: '30d', fallback: '60s' },
  { name: 'TRACEMALLOC_TOP', value: '0', fallback: '8' },
  { name: 'TRACEMALLOC_TOP', value: '-1', fallback: '8' },
  { name: 'TRACEMALLOC_TOP', value: '1e3', fallback: '8' },
  { name: 'TRACEMALLOC_KEY', value: 'line', fallback: 'lineno' },
  { name: 'TRACEMALLOC_FRAMES', value: 'mine', fallback: 'own' },
  { name: 'TRACEMALLOC_FORMAT', value: 'JSON', fallback: 'json' },
  { name: 'TRACEMALLOC_SOURCE_MAPS', value: 'no', fallback: '1' },
  { name: 'TRACEMALLOC_SIGNAL', value: 'SIGKILL', fallback: 'none' },
  { name: 'TRACEMALLOC_HEAP_LIMIT', value: 'yes', fallback: '1' },
  { name: 'TRACEMALLOC_REPORT_AT_EXIT', value: '2', fallback: '0' },
])('$name=$value causes one warning, and sets the default', ({ name, value, fallback }) => {
  const { warnings, ...rest } = read({ TRACEMALLOC: '1', [name]: value });
  const { warnings: none, ...defaults } = read({ TRACEMALLOC: '1' });
  expect(none).toEqual([]);
  expect(rest).toEqual(defaults);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(`${name}=${value} is not `);
  expect(warnings[0]).toContain(`using ${fallback}`);
});

test.each(['yes', '-1', '129', '1.5'])('TRACEMALLOC=%s is off, with one warning', (value) => {
  const { enabled, warnings } = read({ TRACEMALLOC: value, TRACEMALLOC_TOP: 'many' });
  expect(enabled).toBe(false);
  expect(warnings).toHaveLength(1);
});

test('while tracing is on, unknown settings cause one warning with the known ones', () => {
  const names = { TRACEMALLOC_INTERVAL: '8KiB', TRACEMALLOC_EVERY: '1s', TRACEMALLOC_TOKEN: 'x' };
  const { warnings } = read({ TRACEMALLOC: '1', ...names });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^TRACEMALLOC_INTERVAL, TRACEMALLOC_EVERY: .*TRACEMALLOC_SAMPLE_/);
  expect(read({ ...names }).warnings).toEqual([]);
});

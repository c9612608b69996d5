// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { OPTIONS, resolveOptions } from '../../src/options.js';
import { readEnvironment } from '../../src/service/environment.js';

test('defaults, and a number as the traceback limit', () => {
  const defaults = {
    tracebackLimit: 96,
    sampleInterval: 'auto',
    domains: ['heap', 'buffer'],
    precision: 'auto',
    sourceMaps: true,
    routes: false,
  };
  expect(resolveOptions(undefined)).toEqual(defaults);
  expect(resolveOptions({})).toEqual(defaults);
  expect(resolveOptions({ sampleInterval: undefined } as never)).toEqual(defaults);
  expect(resolveOptions(25)).toEqual({ ...defaults, tracebackLimit: 25 });
});

test('ranges include their ends', () => {
  for (const tracebackLimit of [1, 128]) {
    expect(resolveOptions({ tracebackLimit }).tracebackLimit).toBe(tracebackLimit);
  }
  for (const sampleInterval of [1, 1.5, 0x7fffffff]) {
    expect(resolveOptions({ sampleInterval }).sampleInterval).toBe(sampleInterval);
  }
});

test.each([
  ['auto', 'auto'],
  ['64KiB', 65536],
  ['0.5 mib', 524288],
  ['4096', 4096],
  ['1B', 1],
])('a sample interval of the text %s', (sampleInterval, bytes) => {
  expect(resolveOptions({ sampleInterval }).sampleInterval).toBe(bytes);
});

test('code and environment name the same accepted forms of a size', () => {
  const given = () => resolveOptions({ sampleInterval: '64KB' });
  const { expects } = OPTIONS.sampleInterval;
  expect(given).toThrow(`sampleInterval must be ${expects}, not "64KB"`);
  const env = { TRACEMALLOC: '1', TRACEMALLOC_SAMPLE_INTERVAL: '64KB' };
  expect(readEnvironment(env, { isTerminal: false }).warnings).toEqual([
    `TRACEMALLOC_SAMPLE_INTERVAL=64KB is not ${expects}; using auto`,
  ]);
});

test.each<[options: unknown, message: RegExp]>([
  [null, /not null/],
  ['16', /not "16"/],
  [[], /not an array/],
  [true, /not true/],
  [() => 1, /not a function/],
  [0, /tracebackLimit must be an integer from 1 to 128, not 0/],
  [129, /not 129/],
  [NaN, /not NaN/],
  [-1, /not -1/],
  [1.5, /not 1.5/],
  [{ tracebackLimit: '16' }, /tracebackLimit .* not "16"/],
  [{ tracebackLimit: 16n }, /tracebackLimit .* not 16/],
  [{ tracebackLimit: null }, /tracebackLimit .* not null/],
  [{ sampleInterval: 0 }, /sampleInterval .* not 0/],
  [{ sampleInterval: 0.5 }, /sampleInterval .* not 0.5/],
  [{ sampleInterval: NaN }, /sampleInterval .* not NaN/],
  [{ sampleInterval: Infinity }, /sampleInterval .* not Infinity/],
  [{ sampleInterval: -5 }, /sampleInterval .* not -5/],
  [{ sampleInterval: 2 ** 31 }, /sampleInterval .* not 2147483648/],
  [
    { sampleInterval: '64KB' },
    /^sampleInterval must be 'auto', or a size .* 64KiB .*, not "64KB"$/,
  ],
  [{ sampleInterval: '0' }, /sampleInterval .* not "0"/],
  [{ sampleInterval: '2048MiB' }, /sampleInterval .* less than 2 GiB, not "2048MiB"/],
  [{ precision: 'exact' }, /precision .*'line'.* not "exact"/],
  [{ domains: [] }, /domains .* not an array of 0/],
  [{ domains: 'heap' }, /domains .* not "heap"/],
  [{ domains: ['gpu'] }, /domains/],
  [{ sourceMaps: 1 }, /sourceMaps .* not 1/],
  [{ routes: 'all' }, /routes .* not "all"/],
  [{ sampleIntervall: 5 }, /unknown option "sampleIntervall"; the known ones are .*sampleInterval/],
  [{ ['__proto__x']: 1 }, /unknown option/],
  [{ toString: 1 }, /unknown option "toString"/],
])('%o is refused, with the value in the message', (options, message) => {
  expect(() => resolveOptions(options as never)).toThrow(
    expect.objectContaining({
      name: 'TracemallocError',
      code: 'ERR_INVALID_OPTION',
      message: expect.stringMatching(message),
    }),
  );
});

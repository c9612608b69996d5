// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

test('tracked memory is exact, under the line that tracked it, until untracked', async () => {
  const seen = await evaluate<Record<string, unknown>>(`
    const { track, untrack, start, stop, takeSnapshot, clearTraces, DomainFilter } = tracemalloc;
    const mine = () => takeSnapshot()
      .filterTraces([new DomainFilter({ inclusive: true, domain: 'cache' })]);
    const shown = () => mine().statistics('function').map(String);
    function put(key, size) { return track('cache', key, size); }
    const before = Error.prepareStackTrace;
    const off = put('a', 1);
    start({ sampleInterval: 2 ** 30 });
    const key = {};
    put('a', 100); put('b', 50); put(key, 7); put('a', 30);
    const filled = shown();
    const [trace] = mine().traces;
    const undone = [untrack('cache', key), untrack('cache', key), untrack('none', 'a')];
    const left = shown();
    const { domains } = takeSnapshot();
    clearTraces();
    const cleared = shown();
    const codes = [
      codeOf(() => track('heap', 1, 1)), codeOf(() => track('', 1, 1)),
      codeOf(() => track('x', 1, -1)), codeOf(() => track('x', 1, NaN)), codeOf(() => untrack(5, 1)),
    ];
    put('c', 5);
    stop();
    start();
    report({ off, filled, undone, left, domains, cleared, again: shown(), codes,
      allocated: [trace.allocatedCount, trace.allocatedSize],
      name: trace.traceback.at(-1).functionName, line: trace.traceback.at(-1).lineno > 0,
      restored: before === Error.prepareStackTrace && Error.stackTraceLimit === 10 });
  `);
  expect(seen['off']).toBe(false);
  expect(seen['filled']).toEqual([expect.stringMatching(/^put .*size=87 B, count=3/)]);
  expect(seen['undone']).toEqual([true, false, false]);
  expect(seen['left']).toEqual([expect.stringMatching(/size=80 B, count=2, average=40 B$/)]);
  expect(seen['domains']).toEqual(['heap', 'buffer', 'cache']);
  expect(seen['cleared']).toEqual([]);
  expect(seen['again']).toEqual([]);
  expect(seen['codes']).toEqual(Array(5).fill('ERR_INVALID_ARGUMENT'));
  expect(seen).toMatchObject({ name: 'put', line: true, restored: true });
});

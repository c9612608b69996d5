// SPDX-License-Identifier: MIT
// Whose line is charged: the innermost of one's own code, of the application, or of all.
import { describe, expect, test } from 'vitest';
import { Filter } from '../../src/snapshot/filter.js';
import type { KeyType } from '../../src/snapshot/grouping.js';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import type { StatisticDiff } from '../../src/snapshot/statistic.js';
import { Traceback } from '../../src/traces/traceback.js';
import { frameOf, type Row, snapshotOf } from '../support/snapshots.js';

const OWN = '/app/src/main.js:3:main';
const DEPENDENCY = '/app/node_modules/log/index.js:5:add';
const CALLED = '/app/src/format.js:8:format';
const NODE = 'node:buffer:9:from';
const BUILTIN = '(native):0:Uint8Array';

const charged = (at: string[], frames: 'own' | 'app' | 'all') =>
  String(new Traceback(at.map(frameOf)).chargedFrame(frames));

describe('the charged frame', () => {
  test.each([
    [[OWN, DEPENDENCY, NODE, BUILTIN], '/app/src/main.js:3', '/app/node_modules/log/index.js:5'],
    [[OWN, NODE, DEPENDENCY, CALLED], '/app/src/format.js:8', '/app/src/format.js:8'],
    [[OWN, BUILTIN], '/app/src/main.js:3', '/app/src/main.js:3'],
    [[NODE, DEPENDENCY, BUILTIN], '/app/node_modules/log/index.js:5', undefined],
    [[NODE, BUILTIN], 'Uint8Array (native)', undefined],
  ])('of %j is %s', (at, own, app = own) => {
    expect(charged(at, 'own')).toBe(own);
    expect(charged(at, 'app')).toBe(app);
    expect(charged(at, 'all')).toBe(String(frameOf(at.at(-1)!)));
  });

  test.each([
    'node_modules/log/index.js:5',
    'C:\\app\\node_modules\\log\\index.js:5',
    'webpack:///node_modules/log/index.js:5',
    '/app/node_modules/.pnpm/log@1.0.0/node_modules/log/index.js:5',
    'eval at compile (/app/node_modules/templates/index.js:2:1):1',
    'evalmachine.<anonymous>:1',
    '<unknown>:1',
    'wasm://wasm/1234:1',
  ])("%s is not one's own", (name) => {
    expect(charged([OWN, name], 'own')).toBe('/app/src/main.js:3');
    expect(charged([OWN, name], 'app')).not.toBe('/app/src/main.js:3');
  });

  test.each(['/app/my_node_modules/a.js:5', '/srv/node_modules.js:5'])(
    "%s is one's own",
    (name) => {
      expect(charged([OWN, name], 'own')).toBe(name);
    },
  );

  test('a stack without frames has none', () => {
    expect(new Traceback([]).chargedFrame('own')).toBeUndefined();
  });
});

const ROWS: Row[] = [
  { at: [OWN, DEPENDENCY, BUILTIN], size: 100 },
  { at: [OWN, NODE, BUILTIN], size: 30 },
  { at: [OWN], size: 5 },
  { at: [NODE, DEPENDENCY], size: 7 },
];
const rows = (snapshot: Snapshot, keyType: KeyType, frames?: 'own' | 'app' | 'all') =>
  snapshot
    .statistics(keyType, frames === undefined ? {} : { frames })
    .map(({ traceback, size, allocator }) => [
      String(traceback),
      size,
      allocator && String(allocator),
    ]);

describe('statistics', () => {
  test("the default is Python's", () => {
    const snapshot = snapshotOf(ROWS);
    expect(rows(snapshot, 'lineno')).toEqual(rows(snapshot, 'lineno', 'all'));
    expect(rows(snapshot, 'lineno')).toEqual([
      ['Uint8Array (native)', 130, undefined],
      ['/app/node_modules/log/index.js:5', 7, undefined],
      ['/app/src/main.js:3', 5, undefined],
    ]);
  });

  test("by line, file and function of one's own, with what allocated most", () => {
    const dependency = '/app/node_modules/log/index.js:5';
    expect(rows(snapshotOf(ROWS), 'lineno', 'own')).toEqual([
      ['/app/src/main.js:3', 135, dependency],
      [dependency, 7, undefined],
    ]);
    expect(rows(snapshotOf(ROWS), 'filename', 'own')[0]).toEqual([
      '/app/src/main.js:0',
      135,
      dependency,
    ]);
    expect(rows(snapshotOf(ROWS), 'function', 'own')[0]).toEqual([
      'main (/app/src/main.js)',
      135,
      dependency,
    ]);
    expect(rows(snapshotOf(ROWS), 'lineno', 'app')).toEqual([
      [dependency, 107, 'Uint8Array (native)'],
      ['/app/src/main.js:3', 35, 'Uint8Array (native)'],
    ]);
  });

  test('a line that allocated most itself has no allocator beside it', () => {
    const most = [...ROWS, { at: [OWN], size: 100 }];
    expect(rows(snapshotOf(most), 'lineno', 'own')[0]).toEqual([
      '/app/src/main.js:3',
      235,
      undefined,
    ]);
  });

  test('by traceback, stacks end at the charged frame', () => {
    const stacks = snapshotOf(ROWS).statistics('traceback', { frames: 'own' });
    expect(stacks.map(({ size, traceback }) => [size, traceback.length])).toEqual([
      [135, 1],
      [7, 2],
    ]);
  });

  test('cumulative: each frame that could be charged', () => {
    const at = ['/app/src/a.js:1', DEPENDENCY, '/app/src/b.js:2', NODE];
    const sums = snapshotOf([{ at, size: 10 }, ...ROWS]).statistics('lineno', {
      frames: 'own',
      cumulative: true,
    });
    expect(sums.map(({ traceback, size }) => [String(traceback), size])).toEqual([
      ['/app/src/main.js:3', 135],
      ['/app/src/b.js:2', 10],
      ['/app/src/a.js:1', 10],
      ['/app/node_modules/log/index.js:5', 7],
    ]);
  });

  test('of merged snapshots: the sum', () => {
    const merged = Snapshot.merge([snapshotOf(ROWS), snapshotOf(ROWS)]);
    expect(rows(merged, 'lineno', 'own')[0]?.[1]).toBe(270);
  });

  test('an unknown value is an error', () => {
    for (const call of [
      (frames: 'own') => snapshotOf(ROWS).statistics('lineno', { frames }),
      (frames: 'own') => snapshotOf(ROWS).compareTo(snapshotOf(ROWS), 'lineno', { frames }),
      (frames: 'own') => snapshotOf(ROWS).filterTraces([], { frames }),
    ]) {
      expect(() => call('mine' as 'own')).toThrow(
        expect.objectContaining({
          code: 'ERR_INVALID_ARGUMENT',
          message: 'frames must be one of own, app, all, not "mine"',
        }),
      );
    }
  });
});

test('compareTo: the growth is charged, and the allocator is what grew', () => {
  const old = snapshotOf([{ at: [OWN, NODE, BUILTIN], size: 1000 }]);
  const now = snapshotOf([
    { at: [OWN, NODE, BUILTIN], size: 1000 },
    { at: [OWN, DEPENDENCY, BUILTIN], size: 48 },
  ]);
  const texts = (diffs: StatisticDiff[]) =>
    diffs.map(({ traceback, sizeDiff, allocator }) => `${traceback} ${sizeDiff} ${allocator}`);
  expect(texts(now.compareTo(old, 'lineno', { frames: 'own' }))).toEqual([
    '/app/src/main.js:3 48 /app/node_modules/log/index.js:5',
  ]);
  expect(texts(old.compareTo(now, 'lineno', { frames: 'own' }))).toEqual([
    '/app/src/main.js:3 -48 /app/node_modules/log/index.js:5',
  ]);
  expect(texts(now.compareTo(now, 'lineno', { frames: 'own' }))).toEqual([
    '/app/src/main.js:3 0 Uint8Array (native)',
  ]);
});

test('filterTraces: a filter looks at the charged frame', () => {
  const source = [new Filter({ inclusive: true, filenamePattern: '*/src/*' })];
  const sizeOf = (snapshot: Snapshot) => snapshot.traces.reduce((sum, { size }) => sum + size, 0);
  expect(sizeOf(snapshotOf(ROWS).filterTraces(source))).toBe(5);
  expect(sizeOf(snapshotOf(ROWS).filterTraces(source, { frames: 'app' }))).toBe(35);
  expect(sizeOf(snapshotOf(ROWS).filterTraces(source, { frames: 'own' }))).toBe(135);
});

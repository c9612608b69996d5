// SPDX-License-Identifier: MIT
// Exports of names and figures that are rare in real programs.
import { expect, test } from 'vitest';
import {
  diffToText,
  toFolded,
  toHeapProfile,
  toJson,
  toSpeedscope,
  toText,
} from '../../src/exporters/index.js';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { Frame } from '../../src/traces/frame.js';
import { Trace } from '../../src/traces/trace.js';
import { Traceback } from '../../src/traces/traceback.js';
import { snapshotOf } from '../support/snapshots.js';

test('folded: every kind of frame has its label, and no name breaks the format', () => {
  const snapshot = snapshotOf([
    { at: ['/a;b.js:1:main', '/a;b.js:2'], size: 10.4 },
    { at: ['/x.js:1:f', '(native):0:push'], size: 20 },
    { at: ['(native):0'], size: 30 },
    { at: ['/new\nline.js:7:g'], size: 5 },
    { at: ['/none.js:1:h'], size: 0.2 },
  ]);
  expect(toFolded(snapshot)).toBe(
    [
      '(native) 30',
      'f (/x.js:1);push (native) 20',
      'main (/a:b.js:1);(anonymous) (/a:b.js:2) 10',
      'g (/new line.js:7) 5',
      '',
    ].join('\n'),
  );
});

test('folded: the domains of a stack are added up in one line', () => {
  const rows = ['heap', 'buffer'].map((domain) => ({ at: ['/a.js:1:f'], size: 8, domain }));
  expect(toFolded(snapshotOf(rows))).toBe('f (/a.js:1) 16\n');
});

test('an empty snapshot is an empty file of each format', () => {
  const none = snapshotOf([]);
  expect(toFolded(none)).toBe('');
  expect(toText(none)).toBe('Total: 0 B\n');
  expect(JSON.parse(toHeapProfile(none))).toMatchObject({
    head: { selfSize: 0, children: [] },
    samples: [],
  });
  expect(JSON.parse(toSpeedscope(none)).profiles).toMatchObject([{ samples: [], weights: [] }]);
  expect(JSON.parse(toJson(none))).toMatchObject({ frames: [], traces: [] });
});

test('allocated bytes that a snapshot lacks are an error if requested, else left out', () => {
  const live = snapshotOf([{ at: ['/a.js:1:f'], size: 8 }]);
  for (const call of [
    () => toFolded(live, { bytes: 'allocated' }),
    () => toHeapProfile(live, { bytes: 'allocated' }),
    () => toFolded(live, { bytes: 'both' as 'live' }),
  ]) {
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }));
  }
  expect(JSON.parse(toSpeedscope(live)).profiles).toHaveLength(1);
  expect(JSON.parse(toJson(live)).traces[0]).not.toHaveProperty('allocatedSize');
});

test('heapprofile has URLs, 0-based positions, and a script id per file', () => {
  const frames = [
    new Frame('/app/a b.mjs', 3, { column: 7, functionName: 'main' }),
    new Frame('node:events', 5),
    new Frame('(native)', 0, { functionName: 'push' }),
  ];
  const trace = new Trace({ ...snapshotOf([{ at: ['x:1'], size: 64 }]).traces[0]! });
  const traces = [new Trace({ ...trace, traceback: new Traceback(frames) })];
  const { head, samples } = JSON.parse(toHeapProfile(new Snapshot(traces, snapshotOf([]))));
  const [main] = head.children;
  const [events] = main.children;
  const [push] = events.children;
  expect([main, events, push].map(({ callFrame }) => callFrame)).toEqual([
    {
      functionName: 'main',
      scriptId: '1',
      url: 'file:///app/a%20b.mjs',
      lineNumber: 2,
      columnNumber: 6,
    },
    { functionName: '', scriptId: '2', url: 'node:events', lineNumber: 4, columnNumber: -1 },
    { functionName: 'push', scriptId: '3', url: '', lineNumber: -1, columnNumber: -1 },
  ]);
  expect([head, main, events, push].map(({ selfSize }) => selfSize)).toEqual([0, 0, 0, 64]);
  expect(samples).toEqual([{ size: 64, nodeId: push.id, ordinal: 1 }]);
});

test('text has numbered rows, the rest and the sum; a comparison has signs', () => {
  const old = snapshotOf([
    { at: ['/a.js:1'], size: 1000 },
    { at: ['/b.js:1'], size: 300 },
  ]);
  const now = snapshotOf([
    { at: ['/a.js:1'], size: 5000, count: 5 },
    { at: ['/b.js:1'], size: 300 },
    { at: ['/c.js:1'], size: 20 },
  ]);
  expect(toText(now, { top: 1 })).toBe(
    '#1: /a.js:1: size=5000 B, count=5, average=1000 B\n2 other: 320 B\nTotal: 5320 B\n',
  );
  expect(diffToText(old, now)).toBe(
    '#1: /a.js:1: size=5000 B (+4000 B), count=5 (+4), average=1000 B\n' +
      '#2: /c.js:1: size=20 B (+20 B), count=1 (+1), average=20 B\nTotal: +4020 B\n',
  );
});

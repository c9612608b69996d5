// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { MemoryLedger } from '../../src/ledger/ledger.js';
import { formatReport } from '../../src/report/report-text.js';
import { makeReport, Reports } from '../../src/report/series.js';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { type Row, snapshotOf } from '../support/snapshots.js';

const report = (now: Row[], before: Row[] = [], more: object = {}) =>
  makeReport({
    snapshot: snapshotOf(now),
    previous: snapshotOf(before),
    traced: { current: 100.4, peak: 200.6 },
    top: 10,
    keyType: 'lineno',
    frames: 'own',
    ...more,
  });

test("memory of builtins and Node's internals is the application's, and they are named", () => {
  const { sites } = report([
    { at: ['/app/a.js:5:handle', '(native):0:push'], size: 30 },
    { at: ['/app/a.js:5:handle', 'node:buffer:9:alloc', '(native):0:Uint8Array'], size: 10 },
    { at: ['/app/b.js:1:own'], size: 20 },
    { at: ['node:internal/timers:5:run'], size: 5 },
  ]);
  expect(sites.map(({ site, size, allocator }) => ({ site, size, allocator }))).toEqual([
    { site: '/app/a.js:5', size: 40, allocator: 'push' },
    { site: '/app/b.js:1', size: 20, allocator: undefined },
    { site: 'node:internal/timers:5', size: 5, allocator: undefined },
  ]);
});

const LOGGED: Row[] = [
  { at: ['/app/a.js:5:handle', '/app/node_modules/log/i.js:7:add', '(native):0:push'], size: 30 },
  { at: ['/app/node_modules/pool/i.js:3:tick', 'node:buffer:9:alloc'], size: 5 },
];

test.each([
  ['own', '/app/a.js:5', 'node_modules/log/i.js:7'],
  ['app', '/app/node_modules/log/i.js:7', 'push'],
  ['all', '(native)', undefined],
])('with frames %s, a dependency is charged to %s', (frames, site, allocator) => {
  const made = report(LOGGED, [], { frames });
  expect(made.frames).toBe(frames);
  expect(made.sites[0]).toMatchObject({ site, size: 30 });
  expect(made.sites[0]?.allocator).toBe(allocator);
});

test("what no line of one's own has caused is a dependency's", () => {
  expect(report(LOGGED).sites[1]).toMatchObject({
    site: '/app/node_modules/pool/i.js:3',
    size: 5,
    allocator: 'alloc',
  });
});

test('in text, the allocator is beside the line', () => {
  expect(formatReport(report(LOGGED))).toContain(
    '#1: /app/a.js:5 (handle) in node_modules/log/i.js:7: size=30 B (+30 B)',
  );
});

test('what is not attributable, which has no samples, is in the lists like any row', () => {
  const row = (size: number) => ({ at: ['(not attributable):0'], size, count: 0, samples: 0 });
  const { sites, msg } = report([{ at: ['a.js:1'], size: 10 }, row(500)], [row(400)]);
  expect(sites.map(({ site, size }) => [site, size])).toEqual([
    ['(not attributable)', 500],
    ['a.js:1', 10],
  ]);
  expect(sites[0]).toMatchObject({ site: '(not attributable)', sizeDiff: 100 });
  expect(msg).toContain('most growth: +100 B at (not attributable)');
});

test('the message names what grew most, not what shrank or vanished', () => {
  const { sites, msg } = report(
    [
      { at: ['a.js:1'], size: 1000, count: 10 },
      { at: ['b.js:1'], size: 500, count: 5 },
      { at: ['c.js:1'], size: 50, count: 1 },
    ],
    [
      { at: ['a.js:1'], size: 990, count: 9 },
      { at: ['c.js:1'], size: 60, count: 2 },
      { at: ['gone.js:1'], size: 5000, count: 1 },
    ],
  );
  expect(sites.map((row) => row.site)).toEqual(['a.js:1', 'b.js:1', 'c.js:1']);
  expect(sites.map((row) => [row.sizeDiff, row.countDiff])).toEqual([
    [10, 1],
    [500, 5],
    [-10, -1],
  ]);
  expect(msg).toMatch(/; most growth: \+500 B at b\.js:1$/);
  const same = [{ at: ['a.js:1'], size: 1 }];
  expect(report(same, same).msg).toMatch(/; nothing has grown$/);
});

const AT = (line: number) => ({ at: [`a.js:${line}`] });

test('sites are the largest, and those that grew most since the last report and since the start', () => {
  const large = Array.from({ length: 20 }, (_, i) => ({ ...AT(i + 1), size: 1000 - i, count: 1 }));
  const reports = new Reports({
    top: 4,
    keyType: 'lineno',
    frames: 'own',
    baseline: snapshotOf([...large, { ...AT(31), size: 10, count: 1 }]),
  });
  const next = (...rows: Row[]) =>
    reports.next(snapshotOf([...large, ...rows]), {
      traced: { current: 0, peak: 0 },
      fullCollections: 0,
    });
  next({ ...AT(31), size: 210, count: 5 });
  const made = next({ ...AT(31), size: 220, count: 6 }, { ...AT(32), size: 90, count: 3 });
  expect(made.sites).toMatchObject([
    { site: 'a.js:1', sizeDiff: 0 },
    { site: 'a.js:2', sizeDiff: 0 },
    {
      site: 'a.js:31',
      ...{ sizeDiff: 10, sizeDiffSinceStart: 210, countDiff: 1, countDiffSinceStart: 5 },
    },
    { site: 'a.js:32', sizeDiff: 90, sizeDiffSinceStart: 90, countDiffSinceStart: 3 },
  ]);
  expect(made.msg).toContain(
    '; most growth: +210 B since start at a.js:31, +90 B since the last report at a.js:32',
  );
  const text = formatReport(made);
  expect(text).toContain(
    ' sites, line precision, a sample every 1024 B (growth since the last report; since start):\n',
  );
  expect(text).toContain('#3: a.js:31: size=220 B (+10 B; +210 B), count=6 (+1; +5)\n');
  expect(text).toContain('#4: a.js:32: size=90 B (+90 B; +90 B), count=3 (+3; +3)');
});

test('by traceback, a row has its stack, oldest frame first', () => {
  const rows = [{ at: ['/app/a.js:1:main', '/app/b.js:2:load', '(native):0:push'], size: 30 }];
  const made = report(rows, [], { keyType: 'traceback' });
  expect(made.sites[0]).toMatchObject({
    site: '/app/b.js:2',
    traceback: ['/app/a.js:1', '/app/b.js:2'],
  });
  expect(formatReport(made)).toContain(
    '#1: /app/b.js:2 (load) in push: size=30 B (+30 B), count=1 (+1)\n      /app/a.js:1\n      /app/b.js:2',
  );
});

test("suspects of Node's own code say what to look for, also if a line is known", () => {
  const stacks = [
    ['node:_http_server:1193:parserOnIncoming'],
    ['/app/a.js:5:send', 'node:async_hooks:300:_propagate'],
    ['node:internal/async_hooks:300:emitInitScript', 'node:async_hooks:300:_propagate'],
    ['/app/a.js:9:leak'],
  ];
  const reports = new Reports({
    top: 10,
    keyType: 'lineno',
    frames: 'own',
    baseline: snapshotOf([]),
  });
  let text = '';
  for (let i = 1; i <= 12; i++) {
    const rows = stacks.map((at) => ({ at, size: i * 1e6, samples: i, variance: 1 }));
    const traced = { current: 1, peak: 1 };
    const taken = snapshotOf(rows);
    const snapshot = new Snapshot(taken.traces, { ...taken, timestamp: i * 60_000 });
    text = formatReport(reports.next(snapshot, { traced, fullCollections: i }));
  }
  const suspects = text.slice(text.indexOf('\n suspects:'));
  const hintOf = (site: string) =>
    suspects
      .split(/^ {2}#/m)
      .find((row) => row.includes(site))
      ?.split('\n')[1];
  expect(hintOf('node:_http_server:1193')).toMatch(/look for listeners and closures/);
  expect(hintOf('/app/a.js:5')).toMatch(/AsyncLocalStorage/);
  expect(hintOf('async_hooks:300')).toMatch(/AsyncLocalStorage/);
  expect(hintOf('/app/a.js:9') ?? '').toBe('');
});

test('a report has the top rows only, and is one line of JSON', () => {
  const rows = Array.from({ length: 30 }, (_, i) => ({ at: [`a.js:${i + 1}`], size: i + 1 }));
  const made = report(rows, [], { top: 3 });
  expect(made.sites.map((row) => row.size)).toEqual([30, 29, 28]);
  expect(JSON.stringify(made)).not.toContain('\n');
  expect(JSON.parse(JSON.stringify(made))).toMatchObject({
    name: 'tracemalloc',
    version: 1,
    level: 'info',
    time: '1970-01-01T00:00:00.000Z',
    traced: 100,
    tracedPeak: 201,
  });
  expect(formatReport(made)).toContain('#1: a.js:30: size=30 B (+30 B), count=1 (+1)');
});

test('by function, a row has the file as its site, and the name of the function', () => {
  const rows = [
    { at: ['/app/a.js:5:handle', '(native):0:push'], size: 30 },
    { at: ['/app/a.js:9:handle'], size: 10 },
  ];
  expect(report(rows, [], { keyType: 'function' }).sites).toMatchObject([
    { site: '/app/a.js', function: 'handle', size: 40, allocator: 'push' },
  ]);
});

const MIB = 1024 * 1024;
const ledgerOf = (timestamp: number, heap: number, mallocFree: number) =>
  new MemoryLedger({
    rss: (heap + mallocFree + 1) * MIB,
    timestamp,
    rows: [
      { name: 'heap', label: 'V8 heap', bytes: heap * MIB },
      { name: 'mallocFree', label: 'malloc, free', bytes: mallocFree * MIB },
    ],
  });

test('the ledger is in a report by names of rows, with a diagnosis of the growth since the first', () => {
  const baseline = snapshotOf([]);
  const reports = new Reports({ top: 3, keyType: 'lineno', frames: 'own', baseline });
  const next = (ledger: MemoryLedger) =>
    reports.next(baseline, { traced: { current: 0, peak: 0 }, fullCollections: 0, ledger });
  expect(next(ledgerOf(0, 50, 1)).ledger).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    rss: 52 * MIB,
    rows: { heap: 50 * MIB, mallocFree: MIB },
    unexplained: MIB,
  });
  const grown = next(ledgerOf(0, 50, 60));
  expect(grown.ledger?.diagnosis).toContain('malloc memory that is free');
  const text = formatReport(grown);
  expect(text).toContain(' memory: mallocFree 60.0 MiB, heap 50.0 MiB\n');
  expect(text).toContain(' since the first report: 100 % of the growth is malloc memory');
});

test('by type, a row has the class as its site, and the line that made most as its allocator', () => {
  const types = (size: number) => [{ type: 'Session', size, count: size / 10 }];
  const rowsAt = (size: number) => [
    { at: ['/app/a.js:1:f'], size, count: size / 10, types: types(size) },
    { at: ['/app/b.js:2:g', 'node:fs:3:read'], size: 50, count: 1 },
  ];
  const { sites, msg } = makeReport({
    snapshot: snapshotOf(rowsAt(300)),
    previous: snapshotOf(rowsAt(100)),
    traced: { current: 350, peak: 350 },
    ...{ top: 8, keyType: 'type', frames: 'own' },
  });
  expect(sites).toMatchObject([
    { site: 'Session', function: '', allocator: '/app/a.js:1', size: 300, sizeDiff: 200 },
    { site: '(unknown type)', function: '', allocator: '/app/b.js:2', size: 50, sizeDiff: 0 },
  ]);
  expect(msg).toContain('+200 B at Session in /app/a.js:1');
});

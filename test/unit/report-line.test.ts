// SPDX-License-Identifier: MIT
// A line of a log is shorter than what collectors cut, whatever the options and names are.
import { expect, test } from 'vitest';
import { MemoryLedger } from '../../src/ledger/ledger.js';
import { OPTIONS } from '../../src/options.js';
import { fitted, LONGEST_LINE, reportLine } from '../../src/report/report-line.js';
import { makeReport } from '../../src/report/series.js';
import type { KeyType } from '../../src/snapshot/grouping.js';
import { asReport } from '../support/report-schema.js';
import { type Row, snapshotOf } from '../support/snapshots.js';

/** Docker's json-file driver cuts here. */
const DOCKER = 16 * 1024;

const report = (now: Row[], { before = [], top = 10, keyType = 'lineno' }: Given = {}) =>
  makeReport({
    snapshot: snapshotOf(now),
    previous: snapshotOf(before),
    traced: { current: 1, peak: 1 },
    ...{ top, keyType: keyType as KeyType, frames: 'own' },
  });

interface Given {
  before?: Row[];
  top?: number;
  keyType?: KeyType;
}

const lineOf = (made: ReturnType<typeof report>) => {
  const line = reportLine(made);
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(LONGEST_LINE);
  return asReport(JSON.parse(line));
};

test('a short report is a line as it is', () => {
  const made = report([{ at: ['a.js:1'], size: 10 }]);
  expect(LONGEST_LINE).toBeLessThan(DOCKER - 1000);
  expect(reportLine(made)).toBe(JSON.stringify(made));
});

test('with default settings a line is below 4 KB, also where paths are as long as those of Next.js', () => {
  const next = '/srv/shop/node_modules/next/dist/compiled';
  const rows = Array.from({ length: 50 }, (_, i) => ({
    at: [
      `webpack://next/dist/compiled/react-server-dom-turbopack/cjs/server.node.production.js:${1780 + i}:renderFunctionComponent`,
      `${next}/compression/index.js:${22 + i}:write`,
    ],
    ...{ size: 123_456_789 - i, count: 1_234_567, samples: 234, variance: 1e13 },
  }));
  const suspects = [
    {
      ...{ site: '/srv/shop/app/products/[id]/page.jsx:1', function: 'Page', domain: 'heap' },
      ...{ size: 123_456_789, state: 'growing' as const, since: '2026-01-01T00:00:00.000Z' },
      bytesPerHour: 1_234_567_890,
    },
  ];
  const kinds = ['heap', 'v8', 'arrayBuffers', 'external', 'malloc', 'mallocFree', 'wasm', 'files'];
  const made = makeReport({
    snapshot: snapshotOf(rows),
    previous: snapshotOf(rows),
    traced: { current: 123_456_789, peak: 123_456_789 },
    ...{ top: OPTIONS.top.default, keyType: 'lineno', frames: 'own', suspects },
    ledger: new MemoryLedger({
      rss: 1_234_567_890,
      timestamp: 0,
      rows: kinds.map((name) => ({ name, label: name, bytes: 123_456_789 })),
    }),
  });
  expect(made.sites).toHaveLength(8);
  expect(Buffer.byteLength(reportLine(made))).toBeLessThan(4096);
});

test('of a thousand sites a line has those of most interest, and says how many it has not', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({
    at: [`/srv/app/src/some/folder/file-${i}.js:1:doSomething`],
    size: 100_000 - i,
  }));
  // The last one alone has grown.
  const line = lineOf(report(rows, { before: rows.slice(0, -1), top: 1000 }));
  expect(line.sites.length).toBeGreaterThan(30);
  expect(line.sites.length + line.omittedSites!).toBe(1000);
  expect(line.sites[0]?.site).toContain('file-0.js');
  expect(line.sites.at(-1)?.site).toContain('file-999.js');
  expect(line.sites[5]?.site).toContain('file-5.js');
});

test('deep tracebacks lose their oldest frames, and say how many', () => {
  const rows = Array.from({ length: 10 }, (_, row) => ({
    at: Array.from({ length: 96 }, (_, i) => `/srv/app/src/pages/api/route-${row}.js:${i + 1}`),
    size: 1000 - row,
  }));
  const made = report(rows, { keyType: 'traceback' });
  expect(Buffer.byteLength(JSON.stringify(made))).toBeGreaterThan(30_000);
  const line = lineOf(made);
  expect(line.sites.length).toBeGreaterThan(4);
  for (const { site, traceback, omittedFrames } of line.sites) {
    expect(traceback!.at(-1)).toBe(site);
    expect(traceback!.length).toBeGreaterThan(20);
    expect(traceback!.length + omittedFrames!).toBe(96);
  }
});

test.each(['x', '\u202e', '日'])('names of a megabyte (%j) leave room for the others', (letter) => {
  const name = letter.repeat(2 ** 20);
  const rows = [
    { at: [`/${name}.js:1:${name}`, `/node_modules/${name}/${name}.js:1:${name}`], size: 20 },
    { at: ['/app/a.js:1:leak'], size: 10 },
  ];
  for (const keyType of ['lineno', 'traceback', 'filename', 'function'] as const) {
    const made = report(rows, { keyType });
    expect(made.msg.length).toBeLessThan(4000);
    const { sites } = lineOf(made);
    expect(sites.at(-1)?.site).toMatch(/^\/app\/a\.js/);
  }
});

test('a thousand suspects leave room for sites', () => {
  const suspects = Array.from({ length: 1000 }, (_, i) => ({
    ...{ site: `/app/a.js:${i}`, function: 'leak', domain: 'heap', size: 1000 },
    ...{ state: 'growing' as const, since: '2026-01-01T00:00:00.000Z', bytesPerHour: 1000 },
  }));
  const rows = Array.from({ length: 1000 }, (_, i) => ({ at: [`/app/a.js:${i + 1}`], size: 10 }));
  const line = lineOf({ ...report(rows, { top: 1000 }), suspects });
  expect(line.suspects.length).toBeGreaterThan(20);
  expect(line.suspects.length + line.omittedSuspects!).toBe(1000);
  expect(line.sites.length).toBeGreaterThan(20);
  // A logger that has its own JSON gets the same.
  expect(fitted({ ...report(rows, { top: 1000 }), suspects })).toEqual(line);
});

test('what holds suspects is left out before suspects are', () => {
  const steps = Array.from({ length: 24 }, (_, i) => `step ${i} ${'x'.repeat(150)}`);
  const figures = { samples: 20, unheld: 0, changed: 0, end: 'complete' as const };
  const time = '2026-01-01T00:00:00.000Z';
  const suspects = Array.from({ length: 8 }, (_, i) => ({
    ...{ site: `/app/a.js:${i + 1}`, function: 'f', domain: 'heap', size: 1 },
    ...{ state: 'growing' as const, since: time, bytesPerHour: 1 },
    retainers: { time, ...figures, paths: [{ count: 20, steps }] },
  }));
  const made = makeReport({
    snapshot: snapshotOf([{ at: ['a.js:1'], size: 10 }]),
    previous: snapshotOf([]),
    traced: { current: 1, peak: 1 },
    ...{ top: 8, keyType: 'lineno', frames: 'own', suspects },
  });
  const { suspects: kept, omittedSuspects } = lineOf(made);
  expect([kept.length, omittedSuspects]).toEqual([8, undefined]);
  expect(kept.map(({ retainers }) => retainers !== undefined)).toEqual([
    ...[true, false, false, false, false, false, false, false],
  ]);
});

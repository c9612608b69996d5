// SPDX-License-Identifier: MIT
// Which method of a logger a report is passed to; test/process/loggers.test.ts has real ones.
import { expect, test } from 'vitest';
import type { Report } from '../../src/report/report.js';
import { makeReport } from '../../src/report/series.js';
import { loggerSink } from '../../src/service/logger.js';
import { snapshotOf } from '../support/snapshots.js';

function reportWith(state: 'growing' | 'flat'): Report {
  const snapshot = snapshotOf([{ at: ['a.js:1'], size: 10 }]);
  const suspect = {
    ...{ site: 'a.js:1', function: '', domain: 'heap', size: 10, state, bytesPerHour: 1 },
    since: '2026-01-01T00:00:00.000Z',
  };
  return makeReport({
    ...{ snapshot, previous: snapshot, traced: { current: 10, peak: 10 }, suspects: [suspect] },
    ...{ top: 8, keyType: 'lineno', frames: 'own' },
  });
}

test('a report with a suspect that grows is a warning, where the logger has warnings', () => {
  const calls: [string, unknown, unknown][] = [];
  const info = (...[fields, message]: unknown[]) => calls.push(['info', fields, message]);
  const warn = (...[fields, message]: unknown[]) => calls.push(['warn', fields, message]);
  const [growing, flat] = [reportWith('growing'), reportWith('flat')];
  for (const sink of [loggerSink({ info, warn }), loggerSink({ info })]) {
    sink(growing);
    sink(flat);
  }
  expect(calls).toEqual([
    ['warn', { tracemalloc: growing }, growing.msg],
    ['info', { tracemalloc: flat }, flat.msg],
    ['info', { tracemalloc: growing }, growing.msg],
    ['info', { tracemalloc: flat }, flat.msg],
  ]);
  expect([growing.level, flat.level]).toEqual(['warn', 'info']);
});

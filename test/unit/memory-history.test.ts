// SPDX-License-Identifier: MIT
// How readings are thinned out, and that a dump keeps them.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MemoryHistory } from '../../src/snapshot/memory-history.js';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import type { MemoryReading } from '../../src/traces/facts.js';
import { snapshotOf } from '../support/snapshots.js';

const reading = (time: number, rss = time): MemoryReading => ({
  time,
  rss,
  heapUsed: 3,
  external: 2,
  arrayBuffers: 1,
  traced: 4,
});

test('few readings are all kept, in order', () => {
  const history = new MemoryHistory();
  const all = Array.from({ length: 500 }, (_, i) => reading(i * 1000));
  for (const each of all) history.add(each, each.time, 1);
  expect(history.readings).toEqual(all);
});

test.each([-1, 1])('if the clock is set by fifty years (%i), readings continue', (sign) => {
  const history = new MemoryHistory();
  const set = sign * 50 * 365 * 86_400_000;
  for (let ms = 0; ms < 2_000_000; ms += 1000) {
    history.add(reading(ms < 250_000 ? ms : ms + set), ms, 1);
  }
  const after = history.readings.filter(({ time }) => Math.abs(time) > 1e9);
  expect(history.readings.length).toBeLessThanOrEqual(500);
  // The clock was set early.
  expect(after.length).toBeGreaterThan(150);
});

test.each([1, 7, 2000])(
  'a week of readings every %i s: bounded, from the first to the last, evenly spaced',
  (seconds) => {
    const history = new MemoryHistory();
    const last = 7 * 86_400;
    for (let s = 0; s <= last; s += seconds) history.add(reading(s * 1000), s * 1000, 1);
    const times = history.readings.map(({ time }) => time);
    expect(times.length).toBeGreaterThan(200);
    expect(times.length).toBeLessThanOrEqual(500);
    expect(times[0]).toBe(0);
    expect(times.at(-1)).toBe((last - (last % seconds)) * 1000);
    const gaps = times.slice(1, -1).map((time, i) => time - times[i]!);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.min(...gaps) + 1000 * seconds);
  },
);

test('the newest reading is always included; a history that was read does not change', () => {
  const history = new MemoryHistory();
  for (let i = 0; i < 5000; i++) history.add(reading(i * 1000), i * 1000, 1);
  const before = history.readings;
  const length = before.length;
  history.add(reading(4_999_001), 4_999_001, 1);
  history.add(reading(4_999_002), 4_999_002, 1);
  expect(history.readings.at(-1)?.time).toBe(4_999_002);
  expect(before).toHaveLength(length);
  expect(before.at(-1)?.time).toBe(4_999_000);
});

test('a dump keeps the history; a damaged one is refused', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
  const withHistory = (history: readonly MemoryReading[]) => {
    const made = snapshotOf([{ at: ['/a.js:1:f'], size: 8 }]);
    return new Snapshot(made.traces, { ...made, process: { ...made.process, history } });
  };
  try {
    const path = join(directory, 'one.pb.gz');
    const history = [reading(1000), reading(2000, 5)];
    await withHistory(history).dump(path);
    expect((await Snapshot.load(path)).process.history).toEqual(history);
    await withHistory([{ ...reading(1), rss: undefined as unknown as number }]).dump(path);
    await expect(Snapshot.load(path)).rejects.toMatchObject({
      code: 'ERR_INVALID_PROFILE',
      message: expect.stringContaining('damaged history'),
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

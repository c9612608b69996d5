// SPDX-License-Identifier: MIT
// The interval that tunes itself, in real programs: what is constant does not seem to grow, live
// samples are bounded whatever is held, and what they tell stays right.
import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const ask = programs<typeof import('../fixtures/self-tuning.mjs')>('self-tuning');
const GC = { args: ['--expose-gc', '--max-old-space-size=4000'] };
const FINEST = 16 * 1024;

interface Row {
  size: number;
  count: number;
  samples: number;
  error: number;
  held: number;
}

test('memory that is constant does not grow while traffic goes up and down a hundredfold', async () => {
  const { growth, intervals, status } = await ask<{
    growth: { sizeDiff: number; error: number }[];
    intervals: number[];
    status: { sampling: { cpuShare: number; finest: number; coarsest: number } };
  }>('constantHeap', { given: { rounds: 8 }, ...GC });
  expect(Math.max(...intervals)).toBeGreaterThan(1.5 * Math.min(...intervals));
  expect(growth.length).toBeGreaterThanOrEqual(8 * 2);
  // Comparisons of the same memory: five standard errors are exceeded once in 100,000 runs.
  for (const { sizeDiff, error } of growth)
    expect(Math.abs(sizeDiff)).toBeLessThanOrEqual(5 * error);
  expect(status.sampling.finest).toBe(FINEST);
});

test('a heap of a gigabyte keeps a bounded number of samples, and each line its bytes', async () => {
  const objects = 15e6;
  const { truth, rows, samples, thinnedOut } = await ask<{
    truth: number;
    rows: Row[];
    samples: number;
    thinnedOut: number;
  }>('largeHeap', { given: { objects }, ...GC });
  // Those of the last young generation are thinned out when it is collected.
  expect(samples).toBeLessThan(32768 + 4096);
  expect(thinnedOut).toBeGreaterThan(1000);
  const total = rows.reduce((sum, { size }) => sum + size, 0);
  const error = Math.sqrt(rows.reduce((sum, row) => sum + row.error ** 2, 0));
  expect(Math.abs(total - truth)).toBeLessThan(5 * error + 0.01 * truth);
  const ofObjects = rows.filter(({ count }) => count > 1000).sort((a, b) => a.count - b.count);
  const [hundredth, rest] = ofObjects as [Row, Row];
  // Every hundredth object, so some 300 samples or, just after thinning, 260.
  expect(hundredth.samples).toBeGreaterThan(180);
  expect(hundredth.error / hundredth.size).toBeLessThan(0.08);
  for (const [row, count] of [
    [hundredth, objects / 100],
    [rest, objects * 0.99],
  ] as const) {
    expect(Math.abs(row.count - count)).toBeLessThan((5 * row.error * row.count) / row.size);
  }
});

test('so do buffers, whose deaths are counted as before', async () => {
  const [buffers, bytes] = [12_000, 65_536];
  const { all, rest, thinnedOut } = await ask<{ all: Row; rest: Row; thinnedOut: number }>(
    'manyBuffers',
    { given: { buffers, bytes }, ...GC },
  );
  expect(all.held).toBeLessThanOrEqual(8192);
  expect(thinnedOut).toBeGreaterThan(1000);
  for (const [row, count] of [
    [all, buffers],
    [rest, (buffers * 2) / 3],
  ] as const) {
    expect(Math.abs(row.size - count * bytes)).toBeLessThan(5 * row.error);
    expect(row.error / row.size).toBeLessThan(0.05);
  }
});

interface Told {
  sampleInterval: number;
  sampling: { isSelfTuning: boolean; finest: number; coarsest: number; cpuShare: number };
}

test('status, snapshots, dumps and merged snapshots carry interval, range and cost', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tuned-'));
  try {
    const path = join(directory, 'dump.pb.gz');
    const ofFixed = await ask<Record<string, Told>>('facts', {
      given: { path, sampleInterval: 65536 },
    });
    for (const { sampleInterval, sampling } of Object.values(ofFixed)) {
      expect([sampleInterval, sampling.isSelfTuning]).toEqual([65536, false]);
      expect([sampling.finest, sampling.coarsest]).toEqual([65536, 65536]);
    }
    expect(periodOf(path)).toBe(65536);
    const tuned = await ask<Record<string, Told>>('facts', {
      given: { path, sampleInterval: 'auto' },
    });
    const { snapshot } = tuned as { snapshot: Told };
    expect(snapshot.sampling).toMatchObject({ isSelfTuning: true, finest: FINEST });
    expect(snapshot.sampling.cpuShare).toBeGreaterThan(0);
    expect(snapshot.sampleInterval).toBeGreaterThanOrEqual(FINEST);
    expect(tuned['loaded']).toEqual(snapshot);
    expect(tuned['merged']?.sampling).toMatchObject({
      ...snapshot.sampling,
      samplesPerSecond: expect.any(Number),
    });
    expect(periodOf(path)).toBeGreaterThanOrEqual(FINEST);
    expect(periodOf(path)).toBeLessThanOrEqual(snapshot.sampling.coarsest);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

function periodOf(path: string): number {
  return Number(Profile.decode(gunzipSync(readFileSync(path))).period);
}

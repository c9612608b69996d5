// SPDX-License-Identifier: MIT
// Bugs that the torture has found, each by itself.
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { snapshotOf } from '../support/snapshots.js';

test('a row without a count, of memory that is not attributable, can be compared', () => {
  const before = snapshotOf([]);
  const after = snapshotOf([{ at: ['(not attributable):0'], size: 5000, count: 0 }]);
  const [grown] = after.compareTo(before, 'lineno');
  expect(grown).toMatchObject({ size: 5000, sizeDiff: 5000, count: 0 });
  const [gone] = before.compareTo(after, 'traceback');
  expect(gone).toMatchObject({ size: 0, sizeDiff: -5000 });
});

test('a dump to a link replaces the file at its target; a device stays a device', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
  try {
    const snapshot = snapshotOf([{ at: ['a.js:1'], size: 1 }]);
    const [file, link, device] = ['file', 'link', 'device'].map((name) => join(directory, name));
    await snapshot.dump(file!);
    symlinkSync(file!, link!);
    await snapshotOf([{ at: ['b.js:2'], size: 2 }]).dump(link!);
    expect((await Snapshot.load(file!)).statistics('lineno')[0]?.size).toBe(2);
    symlinkSync('/dev/null', device!);
    await snapshot.dump(device!);
    expect(readFileSync(device!)).toHaveLength(0);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

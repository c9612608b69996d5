// SPDX-License-Identifier: MIT
// Snapshots of sessions with different traceback limits, compared in a process of its own.
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

const warningsOf = (limits: readonly number[]) =>
  evaluate(
    async ({ tracemalloc, given: { limits } }) => {
      const warnings: { code?: string; message: string }[] = [];
      process.on('warning', ({ code, message }: NodeJS.ErrnoException) =>
        warnings.push({ ...(code === undefined ? {} : { code }), message }),
      );
      const [first, ...later] = limits.map((tracebackLimit) => {
        tracemalloc.start({ tracebackLimit });
        const snapshot = tracemalloc.takeSnapshot();
        tracemalloc.stop();
        return snapshot;
      });
      for (const snapshot of later) snapshot.compareTo(first!, 'lineno');
      await new Promise((resolve) => setImmediate(resolve));
      return warnings;
    },
    { given: { limits } },
  );

test('snapshots of different limits are compared with one warning', async () => {
  expect(await warningsOf([2, 5, 96])).toEqual([
    { code: 'TRACEMALLOC_TRACEBACK_LIMIT', message: expect.stringMatching(/limits of 2 and 5 /) },
  ]);
});

test('snapshots of one limit are compared without a warning', async () => {
  expect(await warningsOf([5, 5])).toEqual([]);
});

test("profiles of other tools don't say their limit, and cause no warning", async () => {
  const seen = await evaluate(
    async ({ tracemalloc }) => {
      const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs');
      const { tmpdir } = await import('node:os');
      const { join } = await import('node:path');
      const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-limit-'));
      const path = join(directory, 'other.pb');
      const { largeProfile } = await import('../support/large-profile.mjs');
      writeFileSync(path, largeProfile(10_000));
      const other = await tracemalloc.Snapshot.load(path);
      rmSync(directory, { recursive: true });
      let warnings = 0;
      process.on('warning', () => warnings++);
      tracemalloc.start();
      tracemalloc.takeSnapshot().compareTo(other, 'lineno');
      await new Promise((resolve) => setImmediate(resolve));
      return { warnings, limit: other.tracebackLimit };
    },
    { isQuiet: true },
  );
  expect(seen.warnings).toBe(0);
  expect(seen.limit).not.toBe(96);
});

// SPDX-License-Identifier: MIT
// The benchmark runs, continues where it was interrupted, and writes its report: one round of its
// quickest part.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/child.js';

const BENCH = new URL('../../bench/run.mjs', import.meta.url);

test('one round of start and of one leak is reported, and not measured twice', async () => {
  const out = mkdtempSync(join(tmpdir(), 'bench-'));
  const argv = ['--short', '--out', out, '--parts', 'start,leaks', '--rounds', '1'];
  argv.push('--leaks', 'timers', '--trackers', 'A/A,tracemalloc 512 KiB,tracemalloc 8 KiB');
  try {
    const first = await run(BENCH, { argv });
    expect(first.code, first.stderr).toBe(0);
    const [{ node, cells, goals }] = JSON.parse(readFileSync(join(out, 'benchmarks.json'), 'utf8'));
    expect(node).toBe(process.version);
    expect(cells).toContainEqual(
      expect.objectContaining({
        part: 'start',
        column: 'tracemalloc 512 KiB',
        values: [expect.any(Number)],
      }),
    );
    expect(cells).toContainEqual(
      expect.objectContaining({ part: 'leaks', row: 'timers, cold', named: 'line' }),
    );
    expect(goals.map(({ met }: { met: string }) => met)).toContain('not measured');
    const page = readFileSync(join(out, 'benchmarks.md'), 'utf8');
    expect(page).toContain(`## Node ${process.version}`);
    expect(page).toMatch(/\| tracemalloc 512 KiB \| \d+\.\d+ \(once\)/);

    const second = await run(BENCH, { argv });
    expect(second.code, second.stderr).toBe(0);
    expect(readFileSync(join(out, 'benchmarks.md'), 'utf8')).toBe(page);
  } finally {
    rmSync(out, { recursive: true });
  }
});

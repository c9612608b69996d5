// SPDX-License-Identifier: MIT
// Literals on their own lines, as Prettier formats them, in every tier: each object knows its line in
// the source, and none may be reported at another line as exact.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PATIENCE } from '../support/target.js';

const root = join(import.meta.dirname, '../..');

interface Judged {
  readonly totals: Record<'exact' | 'approximate' | 'wrong' | 'unknown', number>;
  readonly byShape: Record<string, Record<string, number>>;
}

function judge(times: number, flags: readonly string[]): Judged {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, join(import.meta.dirname, 'run-literals.cjs'), root, String(times)],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

// Approximate are constant literals inside others, which V8 allocates together, and in optimized
// code literals of one kind that share a position.
test.each([
  { tier: 'Ignition', times: 3, exact: 0.9, flags: ['--no-opt', '--no-sparkplug', '--no-maglev'] },
  {
    tier: 'Sparkplug',
    times: 3,
    exact: 0.9,
    flags: ['--no-opt', '--always-sparkplug', '--no-maglev'],
  },
  { tier: 'default flags, hot', times: 1500, exact: 0.6, flags: [] },
])(
  '$tier: no literal is reported as exact at another line',
  async ({ times, exact, flags }) => {
    const { totals, byShape } = judge(times, flags);
    const wrong = Object.entries(byShape).filter(([, outcomes]) =>
      Object.keys(outcomes).some((outcome) => outcome.startsWith('wrong')),
    );
    expect(wrong).toEqual([]);
    const judged = totals.exact + totals.approximate;
    expect(judged).toBeGreaterThan(200);
    // Up to a third of a literal's block is V8's allocation site; a sample of that is not judged.
    expect(totals.unknown).toBeLessThan(judged * 0.6);
    expect(totals.exact / judged).toBeGreaterThan(exact);
  },
  120_000 * PATIENCE,
);

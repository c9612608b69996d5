// SPDX-License-Identifier: MIT
// Allocations: objects carry the line that created them, and the line of its function's caller. The
// lines that the allocation hook reports are compared with these. A miss prints the program's seed:
//
//   node --expose-gc <flags> test/oracle/run-allocations.mjs <probe addon> <seed> <turns> [later]
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { PATIENCE, PROBE } from '../support/target.js';

const root = join(import.meta.dirname, '../..');
const isLong = process.env['TRACEMALLOC_ORACLE'] === 'long';
const SEEDS = isLong ? 200 : 6;

interface Judgement {
  judged: number;
  right: number;
  callersRight: number;
  approximate: number;
  approximateRight: number;
  differences: unknown[];
}

async function judge(seed: number, flags: string[], later: string): Promise<Judgement> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--expose-gc',
      ...flags,
      join(root, 'test/oracle/run-allocations.mjs'),
      PROBE,
      String(seed),
      '500',
      later,
    ],
    { timeout: 30_000 * PATIENCE },
  );
  return JSON.parse(stdout);
}

test.each([
  ['default flags', [], ''],
  ['Ignition', ['--no-opt', '--no-sparkplug', '--no-maglev'], ''],
  ['Sparkplug', ['--no-opt', '--no-maglev'], '--always-sparkplug'],
] as [string, string[], string][])(
  'reports the right line of each allocation: %s',
  async (mode, flags, later) => {
    const total = { judged: 0, claimed: 0, claimedRight: 0, callersRight: 0, approximate: 0 };
    const misses: unknown[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const result = await judge(seed, flags, later);
      total.judged += result.judged;
      total.callersRight += result.callersRight;
      total.approximate += result.approximate;
      total.claimed += result.judged - result.approximate;
      total.claimedRight += result.right - result.approximateRight;
      if (result.differences.length > 0) misses.push({ seed, differences: result.differences });
    }
    const text = JSON.stringify(misses);
    console.log(`${mode}: ${JSON.stringify(total)}`);
    expect(total.judged).toBeGreaterThan(5000 * SEEDS);
    expect(total.callersRight, text).toBe(total.judged);
    expect(total.claimedRight / total.claimed, text).toBeGreaterThanOrEqual(0.999);
    if (mode === 'default flags') expect(total.approximate / total.judged).toBeLessThan(0.01);
    else expect(total.approximate).toBe(0);
  },
  isLong ? 1_600_000 : 60_000 * PATIENCE,
);

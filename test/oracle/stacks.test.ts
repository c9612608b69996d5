// SPDX-License-Identifier: MIT
// Stacks: random programs, run in child processes under flags that force each tier, call a probe at
// random points; the walk must equal V8's own CurrentStackTrace in every frame. A mismatch prints
// the program's seed:
//
//   node <flags> test/oracle/run-programs.mjs <probe addon> <seed> 1 <turns> [later]
//
// TRACEMALLOC_ORACLE=long runs fifty times as many programs, from a new seed.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { PATIENCE, PROBE } from '../support/target.js';

const root = join(import.meta.dirname, '../..');
const node = Number(process.versions.node.split('.')[0]);
const hasMaglev = node >= 24;
const isLong = process.env.TRACEMALLOC_ORACLE === 'long';

interface Mode {
  name: string;
  flags?: string[];
  /** Flags that switch off a tier which the walker's self-test needs. */
  later?: string;
  turns?: number;
  /** Share of frames that may be marked approximate instead of having a line, in thousandths. */
  approximate?: number;
  /**
   * Functions may be missing, if all frames of the stack are marked approximate. The probe lists
   * only the first stacks of each program that differ.
   */
  mayMiss?: true;
}

interface Mismatch {
  readonly difference: string;
  readonly walked: readonly string[];
}

const modes: Mode[] = [
  { name: 'default flags' },
  { name: 'Ignition', flags: ['--no-opt', '--no-sparkplug', '--no-maglev'], approximate: 0 },
  {
    name: 'Sparkplug',
    flags: ['--no-opt', '--no-maglev'],
    later: '--always-sparkplug',
    approximate: 0,
  },
  { name: 'TurboFan without Maglev', flags: ['--no-maglev'], turns: 600 },
  { name: 'TurboFan at once', later: '--always-turbofan' },
  { name: 'on-stack replacement', flags: ['--always-osr'] },
  { name: 'deoptimisation', flags: ['--deopt-every-n-times=300'] },
  { name: 'moving collections', flags: ['--stress-compaction'] },
  { name: 'lazy source positions', flags: ['--stress-lazy-source-positions'] },
  { name: 'one thread', flags: ['--single-threaded'] },
];
if (hasMaglev)
  modes.push({ name: 'Maglev', flags: ['--no-turbofan'], turns: 600, approximate: 60 });
// What V8 may switch on next.
if (node >= 26) {
  modes.push(
    { name: 'Turbolev', flags: ['--turbolev'], turns: 600, approximate: 1000, mayMiss: true },
    {
      name: "Maglev's escape analysis, with tracked objects",
      flags: ['--no-turbofan', '--maglev-escape-analysis', '--maglev-object-tracking'],
      turns: 600,
      approximate: 60,
    },
    { name: 'conservative stack scanning', flags: ['--conservative-stack-scanning'] },
  );
}
if (node >= 25)
  modes.splice(
    modes.findIndex((mode) => mode.later === '--always-turbofan'),
    1,
  );

const seed = isLong ? Date.now() % 1e9 : 1;
const programs = isLong ? 200 : 4;

for (const mode of modes) {
  test(
    `walks equal V8's stacks: ${mode.name}`,
    async () => {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [
          ...(mode.flags ?? []),
          join(root, 'test/oracle/run-programs.mjs'),
          PROBE,
          ...[seed, programs, mode.turns ?? 300].map(String),
          mode.later ?? '',
        ],
        { timeout: isLong ? 1_500_000 : 50_000 * PATIENCE, maxBuffer: 1 << 26 },
      );
      const result = JSON.parse(stdout);
      const mismatches: Mismatch[] = result.first;
      const isAdmitted = ({ walked }: Mismatch) =>
        mode.mayMiss && walked.every((frame) => frame.endsWith('(approximate)'));
      expect(mismatches.filter((mismatch) => !isAdmitted(mismatch))).toEqual([]);
      if (!mode.mayMiss) expect(result.mismatches).toBe(0);
      expect(result.stacks).toBeGreaterThan(1000 * Math.min(programs, 3));
      const thousandths = (1000 * result.approximate) / result.frames;
      expect(thousandths).toBeLessThanOrEqual(mode.approximate ?? 2);
    },
    isLong ? 1_600_000 : 60_000 * PATIENCE,
  );
}

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

const root = join(import.meta.dirname, '../..');
const abi = process.versions.modules;
const addon = join(root, `build/abi${abi}/build/Release/tracemalloc_probe.node`);
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
          addon,
          ...[seed, programs, mode.turns ?? 300].map(String),
          mode.later ?? '',
        ],
        { timeout: isLong ? 1_500_000 : 50_000, maxBuffer: 1 << 26 },
      );
      const result = JSON.parse(stdout);
      expect(result.first).toEqual([]);
      expect(result.mismatches).toBe(0);
      expect(result.stacks).toBeGreaterThan(1000 * Math.min(programs, 3));
      const thousandths = (1000 * result.approximate) / result.frames;
      expect(thousandths).toBeLessThanOrEqual(mode.approximate ?? 2);
    },
    isLong ? 1_600_000 : 60_000,
  );
}

// SPDX-License-Identifier: MIT
// A wrong number in the layout row must cause a refusal with a reason, never a crash or a wrong line.
// Each entry of the running V8's row is wrong in each of several ways, each in its own process. A
// wrong entry may be harmless (this Node never uses it); then the walk must still be right.
import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { PATIENCE, PROBE } from '../support/target.js';

const LOAD = `const probe = require(${JSON.stringify(PROBE)});`;
const row: Record<string, number> = JSON.parse(
  execFileSync(process.execPath, ['--eval', `${LOAD} process.stdout.write(probe.layout())`], {
    encoding: 'utf8',
  }),
);

const DELTAS = [1, -1, 8, -8];

const PROGRAM = fileURLToPath(new URL('wrong-layout.cjs', import.meta.url));

/** Starts with the wrong value and, if that succeeds, compares walks with V8's stacks. */
async function startWith(entry: string, value: number) {
  const args = [PROGRAM, PROBE, entry, String(value)];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    timeout: 30_000 * PATIENCE,
  });
  return JSON.parse(stdout) as { reason: string; mismatches: number };
}

test.each(Object.keys(row))('a wrong %s is refused', async (entry) => {
  const outcomes = await Promise.all(
    DELTAS.map((delta) => startWith(entry, (row[entry] as number) + delta)),
  );
  for (const { mismatches } of outcomes) expect(mismatches).toBe(0);
  expect(outcomes.map(({ reason }) => reason).join('')).not.toBe('');
});

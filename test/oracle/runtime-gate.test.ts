// SPDX-License-Identifier: MIT
// Positions that become wrong while the walker runs, which the start gate can't detect. Here its
// layout row is changed, so that it reads every position table in the wrong encoding. The runtime
// gate must notice, and nothing read until then may stay exact.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PATIENCE, PROBE } from '../support/target.js';

interface Results {
  stacks: number;
  frames: number;
  /** The number of frames that claim no line. */
  approximate: number;
  mismatches: number;
  reason: string;
}

const PROGRAM = fileURLToPath(new URL('gate-walk.cjs', import.meta.url));

function walk(positions: 'right' | 'wrong'): Results {
  const text = execFileSync(process.execPath, [PROGRAM, PROBE, positions], {
    timeout: 30_000 * PATIENCE,
    encoding: 'utf8',
  });
  return JSON.parse(text);
}

test('positions that are right stay exact', () => {
  const { stacks, mismatches, reason } = walk('right');
  expect({ mismatches, reason }).toEqual({ mismatches: 0, reason: '' });
  expect(stacks).toBe(3000);
});

test('if positions become wrong, lines go off with a reason, and earlier ones become approximate', () => {
  const wrong = walk('wrong');
  expect(wrong.reason).toMatch(/^lines are off: .+ where V8 shows \d+:\d+$/);
  expect(wrong.approximate).toBe(wrong.frames);
  expect(wrong.frames).toBeGreaterThan(1000);
});

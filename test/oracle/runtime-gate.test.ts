// SPDX-License-Identifier: MIT
// What the start gate could not see: positions that become wrong while the walker runs. Here its
// layout row is changed under it, so that it reads every position table in the wrong encoding. The
// runtime gate must notice, and nothing read until then may stay as if right.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const addon = join(
  root,
  `build/abi${process.versions.modules}/build/Release/tracemalloc_probe.node`,
);

interface Results {
  stacks: number;
  frames: number;
  /** Of all frames, those that claim no line. */
  approximate: number;
  mismatches: number;
  reason: string;
}

function walk(change: string): Results {
  const script = `
    const probe = require(${JSON.stringify(addon)});
    if (probe.start() !== '') throw new Error('no walker');
    const row = JSON.parse(probe.layout());
    ${change}
    probe.every(1);
    const leaf = (n) => {
      let sum = 0;
      for (let i = 0; i < 50; i++) sum += i;
      probe.probe();
      return sum + n;
    };
    const inner = (n) => {
      const a = n + 1;

      const b = [a].map((m) => leaf(m));
      return b[0];
    };
    for (let i = 0; i < 3000; i++) inner(i);
    process.stdout.write(probe.results());`;
  const text = execFileSync(process.execPath, ['--eval', script], {
    timeout: 30_000,
    encoding: 'utf8',
  });
  return JSON.parse(text);
}

test('positions that are right stay exact', () => {
  const { stacks, mismatches, reason } = walk('');
  expect({ mismatches, reason }).toEqual({ mismatches: 0, reason: '' });
  expect(stacks).toBe(3000);
});

test('positions that become wrong: lines go off with a reason, all read before is approximate', () => {
  const wrong = walk(`probe.change('position_encoding', 1 - row.position_encoding);`);
  expect(wrong.reason).toMatch(/^lines are off: .+ where V8 shows \d+:\d+$/);
  expect(wrong.approximate).toBe(wrong.frames);
  expect(wrong.frames).toBeGreaterThan(1000);
});

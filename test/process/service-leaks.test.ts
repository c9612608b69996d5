// SPDX-License-Identifier: MIT
// Seventeen leaks of services (bench/children/leaks), before and after V8 has optimized them: the
// exact line, and its bytes compared with the growth of the heap and the Buffers. With every
// allocation traced the figure is exact, except for what else the process keeps; sampled, it is
// within the error: with interval R the standard error of S live bytes is at most the root of S * R
// (buffers raise their interval, and state their error).
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../support/child.js';

const LEAKED = new URL('../../bench/children/leaked.mjs', import.meta.url);
const LEAKS = readdirSync(new URL('../../bench/children/leaks/', import.meta.url)).map((file) =>
  file.replace('.mjs', ''),
);
const NODE = Number.parseInt(process.versions.node, 10);
const BESIDES = 0.04;
const SIGMAS = 4.5;

interface Verdict {
  readonly named: 'line' | 'function' | 'another';
  readonly place: string;
  readonly approximate: boolean;
  readonly truth: number;
  readonly bytes: number;
  readonly error: number;
  readonly guessed: number;
}

async function track(leak: string, tracker: string, temperature: string): Promise<Verdict> {
  const { code, stdout, stderr } = await run(LEAKED, {
    args: ['--expose-gc'],
    argv: [leak, tracker, temperature],
  });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Verdict;
}

/**
 * Maglev merges neighbouring allocations of a function into one block, reported at the place of the
 * first; here that is the closure's context, allocated where the function begins. Then the line is
 * approximate. Code that is optimized after `start()` does not merge.
 */
const isFolded = (leak: string, temperature: string) =>
  NODE >= 22 && leak === 'listener-closure' && temperature === 'hot';

function expectLine(leak: string, verdict: Verdict, temperature: string): void {
  if (isFolded(leak, temperature) && verdict.named !== 'line')
    expect(verdict.approximate).toBe(true);
  else expect(verdict.named, verdict.place).toBe('line');
}

/** Not more than the truth; the rest is reported at another line of the file, as approximate. */
function expectBytes({ bytes, guessed, truth }: Verdict, bound: number): void {
  expect(bytes).toBeLessThan(truth + bound);
  expect(bytes + guessed).toBeGreaterThan(truth - bound);
}

for (const leak of LEAKS) {
  test(`${leak}: every allocation traced`, async () => {
    const verdict = await track(leak, 'tracemalloc exact', 'cold');
    expectLine(leak, verdict, 'cold');
    expect(verdict.truth).toBeGreaterThan(10e6);
    expectBytes(verdict, BESIDES * verdict.truth);
  });

  test.each(['cold', 'hot'])(`${leak}: sampled, %s`, async (temperature) => {
    const interval = 8192;
    const verdict = await track(leak, 'tracemalloc 8 KiB', temperature);
    expectLine(leak, verdict, temperature);
    const error = Math.max(verdict.error, Math.sqrt(verdict.truth * interval));
    expectBytes(verdict, SIGMAS * error + BESIDES * verdict.truth);
  });
}

// SPDX-License-Identifier: MIT
// Seventeen leaks of services (bench/children/leaks), before V8 has optimized them and after: the exact line,
// and its bytes beside what the heap and the Buffers grew by. Exact, but for what else the process
// keeps; sampled, within the error of sampling: with interval R the standard error of S live bytes is
// at most the root of S * R (buffers raise their interval, and state their error).
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
 * Maglev merges what a function allocates next to each other into one block, told at the place of
 * the first; here that is the closure's context, made where the function begins. Code that is
 * optimized after `start()` does not, and the line is approximate then.
 */
const isFolded = (leak: string, temperature: string) =>
  NODE >= 22 && leak === 'listener-closure' && temperature === 'hot';

function expectLine(leak: string, verdict: Verdict, temperature: string): void {
  if (isFolded(leak, temperature) && verdict.named !== 'line')
    expect(verdict.approximate).toBe(true);
  else expect(verdict.named, verdict.place).toBe('line');
}

/** Not more than there are; what is missing is told at another line of the file, as approximate. */
function expectBytes({ bytes, guessed, truth }: Verdict, bound: number): void {
  expect(bytes).toBeLessThan(truth + bound);
  expect(bytes + guessed).toBeGreaterThan(truth - bound);
}

for (const leak of LEAKS) {
  test(`${leak}: each allocation`, async () => {
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

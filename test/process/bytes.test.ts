// SPDX-License-Identifier: MIT
// Bytes by kind of object, compared with V8's own figure of the heap: each kind that V8 allocates
// for JavaScript, in its own processes. All bounds are standard errors.
import { describe, expect, test } from 'vitest';
import { kinds } from '../../bench/bytes/kinds.mjs';
import { run } from '../support/child.js';

const MEASURED = new URL('../../bench/bytes/measured.mjs', import.meta.url);
// Variation of V8's figure from one collection to the next, whatever is allocated.
const NOISE = 16 << 10;

interface Measured {
  kind: string;
  units: number;
  truth: number;
  estimate: number;
  interval: number;
}

async function measure(interval: number, bytes: number, names: readonly string[]) {
  const { code, stdout, stderr } = await run(MEASURED, {
    args: ['--expose-gc', '--no-flush-bytecode', '--no-compilation-cache'],
    argv: [String(interval), String(bytes), ...names],
  });
  expect(code, stderr).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Measured);
}

/** Allowed deviation of an estimate in bytes: that many standard errors. */
const bound = ({ truth, interval }: Measured, errors: number) =>
  errors * Math.sqrt(interval * truth) + NOISE;

// Once these were off by -5 to -8 %, +8 to +18 %, or +33 %: more than eight standard errors each.
describe.each([256, 1024])('every %i bytes', (interval) => {
  test('kinds that were once off are within five standard errors', async () => {
    const names = [
      'small typed array',
      'typed array from a Set',
      'Map from an array',
      'Map, cleared',
      'computed BigInt',
      'BigInt product',
      'string replace',
      'string built by +=, flattened',
      'string used as a key',
    ];
    const all = await measure(interval, 4000 * interval, names);
    expect(all.map(({ kind }) => kind)).toEqual(names);
    for (const measured of all) {
      const { kind, truth, estimate } = measured;
      expect(truth, kind).toBeGreaterThan(2000 * interval);
      expect(estimate, kind).toBeGreaterThan(truth - bound(measured, 5));
      expect(estimate, kind).toBeLessThan(truth + bound(measured, 5));
    }
  });
});

// Some kinds can't fill a million bytes: 200 Intl objects are 20 KB. Their bound is wide.
// The code that V8 compiles for Function() and discards is no object of the program: V8's own
// figure for one function is between 90 and 1000 bytes, depending on the collections in between.
// A WebAssembly.Memory has 48 bytes in V8's heap; V8's figure varies by more.
const UNSTEADY = ['Function()', 'WebAssembly.Memory'];
const NAMES = Object.keys(kinds).filter((name) => !UNSTEADY.includes(name));
const PER_PROCESS = 16;
const groups = Array.from({ length: Math.ceil(NAMES.length / PER_PROCESS) }, (_, n) =>
  NAMES.slice(n * PER_PROCESS, (n + 1) * PER_PROCESS),
);

// One in half a billion exceeds six standard errors by chance.
describe('every kind: within six standard errors', () => {
  test.each(groups.map((names) => [names[0], names] as const))('%s, ...', async (_, names) => {
    const wrong = (await measure(128, 1e6, names)).filter(
      (measured) => !(Math.abs(measured.estimate - measured.truth) <= bound(measured, 6)),
    );
    expect(wrong).toEqual([]);
  });
});

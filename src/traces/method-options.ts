// SPDX-License-Identifier: MIT
// Checks options of methods, for callers without type checks: a positional `true` or a key in
// Python's spelling would otherwise go unnoticed and change the result.
import { shown, TracemallocError } from '../errors.js';

/** @throws TracemallocError ERR_INVALID_ARGUMENT unless it is an object with keys of these only. */
export function requireOptions(of: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TracemallocError(
      'ERR_INVALID_ARGUMENT',
      `${of} takes its options as an object { ${known.join(', ')} }, not ${shown(given)}`,
    );
  }
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new TracemallocError(
    'ERR_INVALID_ARGUMENT',
    `${of} has no option ${shown(unknown)}; the known ones are ${known.join(', ')}`,
  );
}

// SPDX-License-Identifier: MIT
// Times as people write them: 10s, 500ms, 5m, 1h.
import { shown, TracemallocError } from '../errors.js';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds that a timer can wait, 10 and more; undefined: no such time. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(text);
  if (match === null) return undefined;
  return inRange(Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]);
}

/**
 * The value of an option that is a time: a text, or a number of milliseconds.
 *
 * @throws TracemallocError ERR_INVALID_OPTION.
 */
export function requireDuration(name: string, value: unknown): number {
  const milliseconds =
    typeof value === 'number'
      ? inRange(value)
      : parseDuration(typeof value === 'string' ? value : '');
  if (milliseconds !== undefined) return milliseconds;
  throw new TracemallocError(
    'ERR_INVALID_OPTION',
    `${name} must be a time such as '10s', '500ms' or 60000 (milliseconds), from 10 ms to 24 days, not ${shown(value)}`,
  );
}

function inRange(value: number): number | undefined {
  const milliseconds = Math.round(value);
  // At most what setTimeout can wait for.
  return milliseconds >= 10 && milliseconds <= 0x7fffffff ? milliseconds : undefined;
}

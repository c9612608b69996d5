// SPDX-License-Identifier: MIT
// What a test fails with.
import { TracemallocError } from '../errors.js';
import { formatSize } from '../text/size.js';
import { type GrownLine, grownText, type HeavyLine, heavyText } from './lines.js';

/** Lines that a message and a summary name; the error has all of them. */
export const NAMED = 20;

const more = (lines: readonly unknown[]) =>
  lines.length > NAMED ? [`  and ${lines.length - NAMED} more`] : [];

/** What {@link expectNoGrowth} rejects with. */
export class MemoryGrowthError extends TracemallocError {
  /** What grew, the fastest first. */
  readonly lines: readonly GrownLine[];

  /** For this package only. */
  constructor({ lines, runs }: { lines: readonly GrownLine[]; runs: number }) {
    const what = lines.length === 1 ? '1 line holds' : `${lines.length} lines hold`;
    super('ERR_MEMORY_GROWTH', [
      `memory grows: ${what} more after each block of ${runs} runs in all`,
      ...lines.slice(0, NAMED).flatMap(grownText),
      ...more(lines),
    ]);
    this.lines = lines;
  }
}

/** What {@link limitMemory} rejects with. */
export class MemoryLimitError extends TracemallocError {
  /** The most bytes that were live at once. */
  readonly peak: number;
  /** Bytes allowed. */
  readonly limit: number;
  /** The same as the test gave it, such as `'50 MB'`; `'1000 B'` for a number. */
  readonly allowed: string;
  /** What was allocated, the most first. */
  readonly lines: readonly HeavyLine[];

  /** For this package only. */
  constructor({
    peak,
    limit,
    allowed,
    lines,
  }: Pick<MemoryLimitError, 'peak' | 'limit' | 'allowed' | 'lines'>) {
    super('ERR_MEMORY_LIMIT', [
      `${formatSize(peak)} of memory (${Math.round(peak)} B) were live at once, more than the limit of ${allowed}; most was allocated at`,
      ...lines.slice(0, NAMED).map(heavyText),
      ...more(lines),
    ]);
    this.peak = peak;
    this.limit = limit;
    this.allowed = allowed;
    this.lines = lines;
  }
}

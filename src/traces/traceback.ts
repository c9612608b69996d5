// SPDX-License-Identifier: MIT
import { shown, TracemallocError } from '../errors.js';
import { type Sources, sourceLines } from '../files/source-lines.js';
import { plainName } from '../text/plain-text.js';
import { chargedIndex, type Frames } from './charge.js';
import { type Frame, kindOf } from './frame.js';
import { requireOptions } from './method-options.js';

/** What {@link Traceback.format} accepts. */
export interface FormatOptions {
  /** Positive: the newest `limit` frames; negative: all but the newest `-limit`; default all. */
  limit?: number;
  /** Newest frame first. Default false, as Python since 3.7. */
  mostRecentFirst?: boolean;
  /**
   * Show source text: of scripts below the working directory, or below these directories instead,
   * without what looks like a credential in it. Default true.
   */
  sources?: Sources;
}

/**
 * The stack of an allocation, oldest frame first (as Python since 3.7), so that the allocating line
 * is the last one. Python: `tracemalloc.Traceback`.
 */
export class Traceback implements Iterable<Frame> {
  /** Those kept, oldest first. */
  readonly frames: readonly Frame[];
  /** Frames of the whole stack before the limit cut it; undefined: unknown. */
  readonly totalFrames: number | undefined;

  /**
   * For traces of one's own making.
   *
   * @param frames - oldest first.
   * @param totalFrames - of the whole stack; default unknown.
   */
  constructor(frames: readonly Frame[], totalFrames?: number) {
    this.frames = frames;
    this.totalFrames = totalFrames;
  }

  /** Frames kept. */
  get length(): number {
    return this.frames.length;
  }

  /** As `Array.prototype.at`: 0 is the oldest frame, -1 the allocating one. */
  at(index: number): Frame | undefined {
    return this.frames.at(index);
  }

  /** The frames, oldest first. */
  [Symbol.iterator](): Iterator<Frame> {
    return this.frames[Symbol.iterator]();
  }

  /**
   * The frame that `statistics(keyType, { frames })` counts this stack for: `'own'` is the newest
   * frame that is neither Node's nor in `node_modules`, `'app'` the newest that is not Node's,
   * `'all'` the newest. Where there is no such frame, the next of these applies.
   *
   * @returns undefined if there are no frames at all. Python has no counterpart.
   */
  chargedFrame(frames: Frames): Frame | undefined {
    return this.frames[chargedIndex(kindsIn(this), frames)];
  }

  /**
   * The allocating line, `file:line`. (Python prints the oldest frame, which with one frame kept is
   * the same and with more is never what one wants.)
   */
  toString(): string {
    return String(this.frames.at(-1) ?? '<unknown>:0');
  }

  /**
   * Two lines a frame: place, and source text where it may be shown.
   *
   * @returns lines such as `  File "app.js", line 7` and `    cache.push(record)`.
   * @throws TracemallocError ERR_INVALID_ARGUMENT when `limit` is not an integer, or an option is
   *   unknown; ERR_INVALID_OPTION for wrong `sources`.
   * Cost: reads each file once per call. Python: `Traceback.format`.
   */
  format(options: FormatOptions = {}): string[] {
    requireOptions('format', options, ['limit', 'mostRecentFirst', 'sources']);
    const { limit, mostRecentFirst = false, sources = true } = options;
    let frames = [...this.frames];
    if (limit !== undefined) {
      if (!Number.isInteger(limit)) {
        throw new TracemallocError(
          'ERR_INVALID_ARGUMENT',
          `limit must be an integer, not ${shown(limit)}`,
        );
      }
      frames = limit > 0 ? frames.slice(-limit) : frames.slice(0, limit);
    }
    if (mostRecentFirst) frames.reverse();
    const lineOf = sourceLines(sources);
    return frames.flatMap((frame) => {
      const place = `  File "${plainName(frame.filename)}", line ${frame.lineno}`;
      const source = lineOf(frame);
      return source ? [place, `    ${source}`] : [place];
    });
  }

  /** Python's order: frame by frame from the oldest. */
  compare(other: Traceback): number {
    const shorter = Math.min(this.length, other.length);
    for (let i = 0; i < shorter; i++) {
      const order = (this.frames[i] as Frame).compare(other.frames[i] as Frame);
      if (order !== 0) return order;
    }
    return this.length - other.length;
  }

  /** Same frames; `totalFrames` does not count, as in Python. */
  equals(other: Traceback): boolean {
    return this.compare(other) === 0;
  }
}

/** As `charge.ts` reads it. */
export function kindsIn({ frames }: Traceback) {
  return { depth: frames.length, kindAt: (index: number) => kindOf(frames[index] as Frame) };
}

// SPDX-License-Identifier: MIT
// Memory of the process over time, in a bounded number of readings: older ones are thinned out.
import type { MemoryReading } from '../traces/facts.js';

/** Enough for the pixels of a graph; some tens of kilobytes. */
const MOST = 500;

/** Of a reading. */
export interface HistoryMark {
  /** ms since the epoch. */
  readonly time: number;
  /** The recorder's. */
  readonly mark: number;
}

interface Kept {
  readonly reading: MemoryReading;
  readonly at: number;
  readonly mark: number;
}

export class MemoryHistory {
  #kept: Kept[] = [];
  /** Least ms between two readings that are kept. */
  #gap = 0;

  /** Oldest first; the last one is always the reading last passed to {@link add}. */
  get readings(): readonly MemoryReading[] {
    return this.#kept.map(({ reading }) => reading);
  }

  /** The last reading until `time`, ms since the epoch; undefined: there is none. */
  momentAt(time: number): HistoryMark | undefined {
    const found = this.#kept.findLast(({ reading }) => reading.time <= time);
    return found && { time: found.reading.time, mark: found.mark };
  }

  /**
   * @param at - ms of the monotonic clock, since `reading.time` may jump by years.
   * @param mark - see {@link HistoryMark}.
   */
  add(reading: MemoryReading, at: number, mark: number): void {
    const [before, last] = this.#kept.slice(-2);
    if (last !== undefined && last.at - before!.at < this.#gap) this.#kept.pop();
    this.#kept.push({ reading, at, mark });
    if (this.#kept.length <= MOST) return;
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
    this.#gap = (2 * (at - this.#kept[0]!.at)) / MOST;
  }
}

// SPDX-License-Identifier: MIT
// Memory of the process over time, in a bounded number of readings: older ones are thinned out.
import type { MemoryReading } from '../traces/facts.js';

/** Enough for the pixels of a graph; some tens of kilobytes. */
const MOST = 500;

interface Kept {
  readonly reading: MemoryReading;
  readonly at: number;
}

export class MemoryHistory {
  #kept: Kept[] = [];
  /** Least ms between two readings that are kept. */
  #gap = 0;

  /** Oldest first; the last one is always the reading last passed to {@link add}. */
  get readings(): readonly MemoryReading[] {
    return this.#kept.map(({ reading }) => reading);
  }

  /** @param at - ms of the monotonic clock, since `reading.time` may jump by years. */
  add(reading: MemoryReading, at: number): void {
    const [before, last] = this.#kept.slice(-2);
    if (last !== undefined && last.at - before!.at < this.#gap) this.#kept.pop();
    this.#kept.push({ reading, at });
    if (this.#kept.length <= MOST) return;
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
    this.#gap = (2 * (at - this.#kept[0]!.at)) / MOST;
  }
}

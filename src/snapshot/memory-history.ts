// SPDX-License-Identifier: MIT
// How the process's memory went, in a bounded number of readings: as time goes on, they thin out.
import type { MemoryReading } from '../traces/facts.js';

/** More than a graph has pixels to show, some tens of kilobytes. */
const MOST = 500;

interface Kept {
  readonly reading: MemoryReading;
  readonly at: number;
}

export class MemoryHistory {
  #kept: Kept[] = [];
  /** ms at least between two readings that stay. */
  #gap = 0;

  /** Oldest first; what {@link add} was told last is always the last one. */
  get readings(): readonly MemoryReading[] {
    return this.#kept.map(({ reading }) => reading);
  }

  /** @param at - ms of a clock that nobody sets: `reading.time` may jump by years. */
  add(reading: MemoryReading, at: number): void {
    const [before, last] = this.#kept.slice(-2);
    if (last !== undefined && last.at - before!.at < this.#gap) this.#kept.pop();
    this.#kept.push({ reading, at });
    if (this.#kept.length <= MOST) return;
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
    this.#gap = (2 * (at - this.#kept[0]!.at)) / MOST;
  }
}

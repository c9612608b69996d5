// SPDX-License-Identifier: MIT
// How the process's memory went, in a bounded number of readings: as time goes on, they thin out.

/** The process's memory at one moment, bytes. */
export interface MemoryReading {
  /** ms since the epoch. */
  readonly time: number;
  /** These four as in `process.memoryUsage()`. */
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
  /** Live traced memory, an estimate. */
  readonly traced: number;
}

/** More than a graph has pixels to show, some tens of kilobytes. */
const MOST = 500;

export class MemoryHistory {
  #readings: MemoryReading[] = [];
  /** ms at least between two readings that stay. */
  #gap = 0;

  /** Oldest first; what {@link add} was told last is always the last one. */
  get readings(): readonly MemoryReading[] {
    return this.#readings.slice();
  }

  add(reading: MemoryReading): void {
    const [before, last] = this.#readings.slice(-2);
    if (last !== undefined && last.time - before!.time < this.#gap) this.#readings.pop();
    this.#readings.push(reading);
    if (this.#readings.length <= MOST) return;
    this.#readings = this.#readings.filter((_, i) => i % 2 === 0);
    const span = reading.time - this.#readings[0]!.time;
    this.#gap = (2 * span) / MOST;
  }
}

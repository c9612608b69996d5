// SPDX-License-Identifier: MIT
// How the process's memory went, in a bounded number of readings: as time goes on, they thin out.

/** The process's memory at one moment, bytes. */
export interface MemoryReading {
  /** ms since the epoch. */
  readonly time: number;
  /** Resident set size; this and the next three as in `process.memoryUsage()`. */
  readonly rss: number;
  /** Of V8's heap in use. */
  readonly heapUsed: number;
  /** Outside the heap, as far as V8 knows. */
  readonly external: number;
  /** Of it, what ArrayBuffers hold. */
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

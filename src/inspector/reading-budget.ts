// SPDX-License-Identifier: MIT
// How often V8's profile is read. Where reading it forces a full garbage collection, it takes as
// long as the heap is large; a program that asks for a snapshot each second must not pay that.

/** Share of the time, in the long run. */
const SHARE = 1 / 100;

/** Time that is not used is saved, up to this many ms, which readings in a row may use. */
const SAVINGS_MS = 1000;

export class ReadingBudget {
  #savings = SAVINGS_MS;
  #since: number;

  /** @param now - ms of a monotonic clock. */
  constructor(now: number) {
    this.#since = now;
  }

  allows(now: number): boolean {
    this.#savings = Math.min(SAVINGS_MS, this.#savings + (now - this.#since) * SHARE);
    this.#since = now;
    return this.#savings > 0;
  }

  spend(ms: number): void {
    this.#savings -= ms;
  }
}

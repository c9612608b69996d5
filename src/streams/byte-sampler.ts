// SPDX-License-Identifier: MIT
// Poisson sampling by bytes, for allocations that are seen in TypeScript; the derivation
// is that of native/core/sampler.h.
//
// The interval rises while samples come faster than a budget, and falls back afterwards. The budget
// per second is the number of samples of 100 MiB at the requested interval, since a shorter one asks
// for more samples; it is bounded by 200 (which it is with `'auto'`) and 2,000, since a sample costs some 10 µs. The interval changes only
// between samples, and each sample is weighted with the one in force when it is picked, so every
// single sample stays unbiased.
import { monotonicNow } from '../host/real-time.js';

const BYTES_PER_SECOND = 100 * 1024 * 1024;
const [FEWEST_PER_SECOND, MOST_PER_SECOND] = [200, 2000];
/** The finest interval with `'auto'`, bytes. */
const FINEST = 16 * 1024;
const WINDOW = 1000;

/** One over the probability that an allocation of so many bytes is picked. */
export function sampleWeight(size: number, interval: number): number {
  return interval <= 1 ? 1 : -1 / Math.expm1(-size / interval);
}

/** The variance that a picked allocation adds to a sum of bytes. */
export function sampleVariance(size: number, weight: number): number {
  return size * size * weight * (weight - 1);
}

export class ByteSampler {
  readonly #base: number;
  readonly #samplesPerSecond: number;
  #interval: number;
  #windowBegan = monotonicNow();
  #samples = 0;
  // A separate random generator: a program run with --random-seed must get its usual sequence.
  #state: number;

  /** An interval of 1 means every allocation, and stays. */
  constructor(interval: number | 'auto', seed = process.hrtime()[1] ^ process.pid) {
    this.#base = interval === 'auto' ? FINEST : interval;
    const asked = interval === 'auto' ? FEWEST_PER_SECOND : BYTES_PER_SECOND / interval;
    this.#samplesPerSecond = Math.min(Math.max(asked, FEWEST_PER_SECOND), MOST_PER_SECOND);
    this.#interval = this.#base;
    this.#state = seed;
  }

  /** The weight of an allocation of `size` bytes if it is picked, else undefined. */
  pick(size: number): number | undefined {
    if (!(size > 0)) return undefined;
    if (this.#base <= 1) return 1;
    this.#lower();
    const weight = sampleWeight(size, this.#interval);
    if (this.#uniform() * weight >= 1) return undefined;
    if (++this.#samples > this.#samplesPerSecond) {
      this.#interval *= 2;
      this.#beginWindow();
    }
    return weight;
  }

  #lower(): void {
    const elapsed = monotonicNow() - this.#windowBegan;
    if (elapsed < WINDOW) return;
    // Below a quarter of the budget; halving doubles the samples, so there is room on both sides.
    if (this.#samples * 4 < (this.#samplesPerSecond * elapsed) / 1000) {
      this.#interval = Math.max(this.#base, this.#interval / 2 ** Math.floor(elapsed / WINDOW));
    }
    this.#beginWindow();
  }

  #beginWindow(): void {
    this.#windowBegan = monotonicNow();
    this.#samples = 0;
  }

  // In [0, 1): splitmix32.
  #uniform(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
  }
}

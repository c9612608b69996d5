// SPDX-License-Identifier: MIT
// V8 samples as we do (native/core/sampler.h), but the inspector tells of a sample only
//
//   told(s, 1) = s * round(w(s)),  w(s) = 1 / (1 - exp(-s / interval)),
//
// and of the n samples of size s of a stack only told(s, n) = s * round(n * w(s)), summed over all
// sizes (SamplingHeapProfiler::ScaleSample, src/profiler/sampling-heap-profiler.cc at 11.3 to 14.6).
// How large an object is, and so how many it stands for, has to be inferred: from a divisor s of
// told(s, 1) for which both equations hold. With an interval that most small sizes divide, the
// excess of told(s, 1) over the interval is the size itself.

/** 512 KiB, but divisible by all multiples of 8 up to 80, and many above. */
export const DIVISIBLE_INTERVAL = 2 ** 7 * 3 ** 2 * 5 * 7 * 13;

/** V8's least object is of two words. */
const LEAST_WORDS = 2;

/** Limits of the work for one stack, and of what is remembered. */
const MOST_TRIALS = 4096;
const MOST_GROUPS = 64;
const MOST_COUNTED = 1 << 20;
const MOST_REMEMBERED = 4096;

/** Samples of one stack for which the inspector reported the same figure. */
export interface Group {
  readonly told: number;
  readonly samples: number;
}

/** The objects for which a sample of a group stands. */
export interface Objects {
  /** The size of one, bytes. */
  readonly size: number;
  /** How many. Where the size is not certain, it is V8's whole number. */
  readonly weight: number;
}

export interface SizesOptions {
  readonly interval: number;
  /** Bytes, of which sizes are multiples. */
  readonly word: number;
}

export class ObjectSizes {
  readonly #interval: number;
  readonly #word: number;
  readonly #candidates = new Map<number, readonly number[]>();

  constructor({ interval, word }: SizesOptions) {
    this.#interval = interval;
    this.#word = word;
  }

  /**
   * The objects of each group, at the smallest size that agrees with all reported figures. So their
   * number is never inferred too low, but may be too high, mostly for single samples.
   *
   * @param total - the figure that was reported for all samples of the stack together.
   */
  infer(groups: readonly Group[], total: number): Objects[] {
    const objects = groups.map(({ told }) => {
      const size = this.#sizesFor(told)[0] as number;
      return { size, weight: told / size };
    });
    // Where there is one sample only, the total adds nothing.
    const repeated = groups.flatMap(({ samples }, i) => (samples > 1 ? [i] : []));
    const once = groups.reduce((sum, { told, samples }) => sum + (samples > 1 ? 0 : told), 0);
    if (repeated.length > MOST_GROUPS) return objects;
    let trials = 0;
    const fits = (at: number, rest: number): boolean => {
      const i = repeated[at];
      if (i === undefined) return rest === 0;
      const { told, samples } = groups[i] as Group;
      for (const size of this.#sizesFor(told)) {
        if (++trials > MOST_TRIALS) return false;
        if (!fits(at + 1, rest - this.#told(size, samples))) continue;
        objects[i] = { size, weight: this.#weight(size) };
        return true;
      }
      return false;
    };
    fits(0, total - once);
    return objects;
  }

  #weight(size: number): number {
    return 1 / (1 - Math.exp(-size / this.#interval));
  }

  #told(size: number, samples: number): number {
    return size * Math.floor(samples * this.#weight(size) + 0.5);
  }

  /** All object sizes for which this figure may have been reported, ascending; at least one. */
  #sizesFor(told: number): readonly number[] {
    const known = this.#candidates.get(told);
    if (known !== undefined) return known;
    // Since s * w(s) <= interval + s, and a half is added by rounding at most.
    const least = Math.max(LEAST_WORDS * this.#word, (told - this.#interval) / 1.5);
    const sizes: number[] = [];
    for (let count = Math.min(MOST_COUNTED, Math.floor(told / least)); count > 0; count--) {
      const size = told / count;
      if (size % this.#word === 0 && this.#told(size, 1) === told) sizes.push(size);
    }
    if (sizes.length === 0) sizes.push(told);
    if (this.#candidates.size >= MOST_REMEMBERED) this.#candidates.clear();
    this.#candidates.set(told, sizes);
    return sizes;
  }
}

// SPDX-License-Identifier: MIT
// How old live memory is. Used in browsers, too.

/**
 * How old the live memory of a place is, which tells temporary garbage, caches and leaks apart: what
 * has survived no collection may be garbage; the oldest of a bounded cache does not get older than
 * the cache lets it; the oldest of a leak is as old as the leak, and the mean grows. (NetBeans and
 * VisualVM count surviving generations, JFR's `OldObjectSample` has an age.) All figures rest on
 * samples: the oldest object of a place may be older than its oldest sample.
 */
export interface Age {
  /** Mean age in seconds, weighted by bytes; up to 0.1 too high. */
  readonly mean: number;
  /** Seconds since the oldest live sample was allocated; up to 0.1 too many. */
  readonly oldest: number;
  /**
   * Mean number of garbage collections survived, weighted by bytes: all that began since the
   * allocation, of young objects only or of all; for an object that was allocated in the old
   * generation those of all only, since no other could free it. Undefined: unknown, as for Buffers.
   */
  readonly collections: number | undefined;
}

/** Memory of one age; undefined: unknown. */
interface Aged {
  /** Bytes. */
  readonly size: number;
  readonly age?: Age | undefined;
}

/**
 * The age of several parts together, of those whose age is known: of places where Buffers and the
 * objects in front of them are made, `collections` is that of the objects.
 */
export class AgeSum {
  #size = 0;
  #seconds = 0;
  #oldest = 0;
  #counted = 0;
  #collections = 0;

  add({ size, age }: Aged): void {
    if (age === undefined || !(size > 0)) return;
    this.#size += size;
    this.#seconds += age.mean * size;
    this.#oldest = Math.max(this.#oldest, age.oldest);
    if (age.collections === undefined) return;
    this.#counted += size;
    this.#collections += age.collections * size;
  }

  /** Undefined: that of no part is known. */
  get age(): Age | undefined {
    if (this.#size === 0) return undefined;
    return {
      mean: this.#seconds / this.#size,
      oldest: this.#oldest,
      collections: this.#counted > 0 ? this.#collections / this.#counted : undefined,
    };
  }
}

/**
 * The age of two parts of the same stack; what does not live has no age, and does not change it.
 * Undefined: that of one part is unknown.
 */
export function ageOfBoth(a: Aged, b: Aged): Age | undefined {
  if (!(a.size > 0)) return b.age;
  if (!(b.size > 0)) return a.age;
  if (a.age === undefined || b.age === undefined) return undefined;
  const sum = new AgeSum();
  sum.add(a);
  sum.add(b);
  const { collections, ...age } = sum.age as Age;
  const isCounted = a.age.collections !== undefined && b.age.collections !== undefined;
  return { ...age, collections: isCounted ? collections : undefined };
}

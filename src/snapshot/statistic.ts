// SPDX-License-Identifier: MIT
import { formatCount, formatSize } from '../text/size.js';
import type { Age, AgeSum } from '../traces/age.js';
import { Allocators } from '../traces/charge.js';
import { churnOf } from '../traces/churn.js';
import type { Frame } from '../traces/frame.js';
import type { TypeShare } from '../traces/trace.js';
import type { Traceback } from '../traces/traceback.js';

/** Figures that are summed over the traces of a group; NaN: unknown. */
export interface Totals {
  size: number;
  count: number;
  allocatedSize: number;
  allocatedCount: number;
  samples: number;
  variance: number;
  types: Map<string, TypeShare> | undefined;
  ages: AgeSum | undefined;
  allocators: Allocators<Frame> | undefined;
}

const NO_TYPES: readonly TypeShare[] = Object.freeze([]);
const NO_ALLOCATORS = new Allocators<Frame>();

let allocatorsOf: (statistic: Statistic) => Allocators<Frame> | undefined;

/** Live memory of one group of traces. Python: `tracemalloc.Statistic`. */
export class Statistic {
  /**
   * One frame, or with the key type `'traceback'` all that were kept; of a type one whose file name
   * is the type.
   */
  readonly traceback: Traceback;
  /** Live bytes, an estimate; see `error`. */
  readonly size: number;
  /** Live allocations, an estimate. */
  readonly count: number;
  /** Bytes allocated since start, collected or not; undefined: the engine can't know. */
  readonly allocatedSize: number | undefined;
  /** Allocations since start, collected or not; undefined: the engine can't know. */
  readonly allocatedCount: number | undefined;
  /** Samples the estimate rests on. */
  readonly samples: number;
  /** Standard error of `size`, bytes: about 95 % of estimates are within two standard errors. */
  readonly error: number;
  /** Types of the objects, largest first; empty: nothing has survived a garbage collection yet. */
  readonly types: readonly TypeShare[];
  /**
   * How old what lives is, of the group's traces whose age is known, weighted by bytes, of a snapshot
   * by `takeSnapshot({ ages: true })`. Undefined: of none; by type, as ages are known of whole stacks
   * only. Python has no counterpart.
   */
  readonly age: Age | undefined;
  readonly #allocators: Allocators<Frame> | undefined;

  static {
    allocatorsOf = (statistic) => statistic.#allocators;
  }

  /** @internal Made by `Snapshot.statistics`. */
  constructor(traceback: Traceback, totals: Totals) {
    this.traceback = traceback;
    this.size = totals.size;
    this.count = totals.count;
    this.allocatedSize = known(totals.allocatedSize);
    this.allocatedCount = known(totals.allocatedCount);
    this.samples = Math.round(totals.samples); // of a type it is a share
    // Births less deaths can leave a rounding residue below zero.
    this.error = Math.sqrt(Math.max(0, totals.variance));
    this.types =
      totals.types === undefined
        ? NO_TYPES
        : [...totals.types.values()].sort((a, b) => b.size - a.size);
    this.age = totals.ages?.age;
    this.#allocators = totals.allocators;
  }

  /**
   * The frame that allocated most of it, where that is not the charged one itself but what it
   * called: the innermost of a dependency, else of Node. Undefined: it was the charged frame, as
   * always with the option `frames: 'all'`. Of a type: the charged frame that made most of it.
   */
  get allocator(): Frame | undefined {
    return this.#allocators?.largest(this.size);
  }

  /** Bytes per allocation; 0 when there is none. */
  get average(): number {
    return this.count > 0 ? this.size / this.count : 0;
  }

  /**
   * Bytes allocated since start and collected again: `allocatedSize` less `size`. A line with much
   * churn and little live memory makes temporary garbage; one with live memory and little churn
   * keeps what it makes. Of a snapshot of survivors, it includes what has not survived yet.
   * Undefined: the engine can't know. Python has no counterpart.
   */
  get churn(): number | undefined {
    return churnOf(this);
  }

  /** `file:line: size=419 MiB, count=10000, average=42.9 KiB`, as Python. */
  toString(): string {
    const text = `${this.traceback}: size=${formatSize(this.size)}, count=${formatCount(this.count)}`;
    return this.count > 0 ? `${text}, average=${formatSize(this.average)}` : text;
  }

  /** Same group, size and count. */
  equals(other: Statistic): boolean {
    return (
      this.size === other.size &&
      this.count === other.count &&
      this.traceback.equals(other.traceback)
    );
  }
}

/** A group in two snapshots. Python: `tracemalloc.StatisticDiff`. */
export class StatisticDiff {
  /** One frame, or with the key type `'traceback'` all that were kept. */
  readonly traceback: Traceback;
  /** Live bytes in the newer snapshot. */
  readonly size: number;
  /** `size` minus that in the older snapshot. */
  readonly sizeDiff: number;
  /** Live allocations in the newer snapshot. */
  readonly count: number;
  /** `count` minus that in the older snapshot. */
  readonly countDiff: number;
  /** Samples behind `size`. */
  readonly samples: number;
  /**
   * Standard error of `sizeDiff`, bytes, if no allocation lives in both snapshots; what does live
   * in both cancels out, so that the true error is at most this.
   */
  readonly error: number;
  /** Types of the objects in the newer snapshot, largest first. */
  readonly types: readonly TypeShare[];
  /** The frame that allocated most of what grew or shrank, as {@link Statistic.allocator}. */
  readonly allocator: Frame | undefined;

  /**
   * @internal Made by `Snapshot.compareTo`. Undefined: the group is not in that snapshot.
   */
  constructor(traceback: Traceback, now: Statistic | undefined, old: Statistic | undefined) {
    this.traceback = traceback;
    this.size = now?.size ?? 0;
    this.sizeDiff = this.size - (old?.size ?? 0);
    this.count = now?.count ?? 0;
    this.countDiff = this.count - (old?.count ?? 0);
    this.samples = now?.samples ?? 0;
    this.error = Math.hypot(now?.error ?? 0, old?.error ?? 0);
    this.types = now?.types ?? [];
    this.allocator = allocatorOfChange(this.sizeDiff, now, old);
  }

  /** Bytes per allocation in the newer snapshot; 0 when there is none. */
  get average(): number {
    return this.count > 0 ? this.size / this.count : 0;
  }

  /** `file:line: size=419 MiB (+419 MiB), count=10000 (+10000), average=42.9 KiB`, as Python. */
  toString(): string {
    const size = `${formatSize(this.size)} (${formatSize(this.sizeDiff, { signed: true })})`;
    const count = `${formatCount(this.count)} (${formatCount(this.countDiff, { signed: true })})`;
    const text = `${this.traceback}: size=${size}, count=${count}`;
    return this.count > 0 ? `${text}, average=${formatSize(this.average)}` : text;
  }

  /** Same group, sizes and counts. */
  equals(other: StatisticDiff): boolean {
    return (
      this.size === other.size &&
      this.sizeDiff === other.sizeDiff &&
      this.count === other.count &&
      this.countDiff === other.countDiff &&
      this.traceback.equals(other.traceback)
    );
  }
}

function allocatorOfChange(
  sizeDiff: number,
  now: Statistic | undefined,
  old: Statistic | undefined,
): Frame | undefined {
  if (sizeDiff === 0) return now?.allocator;
  const [to, from] = sizeDiff > 0 ? [now, old] : [old, now];
  const change = ((to && allocatorsOf(to)) ?? NO_ALLOCATORS).since(from && allocatorsOf(from));
  return change.largest(Math.abs(sizeDiff));
}

function known(figure: number): number | undefined {
  return Number.isNaN(figure) ? undefined : figure;
}

/** Largest first: size, then count, then traceback, as Python. */
export function compareStatistics(a: Statistic, b: Statistic): number {
  return b.size - a.size || b.count - a.count || b.traceback.compare(a.traceback);
}

/** Largest change first: |sizeDiff|, size, |countDiff|, count, traceback, as Python. */
export function compareDiffs(a: StatisticDiff, b: StatisticDiff): number {
  return (
    Math.abs(b.sizeDiff) - Math.abs(a.sizeDiff) ||
    b.size - a.size ||
    Math.abs(b.countDiff) - Math.abs(a.countDiff) ||
    b.count - a.count ||
    b.traceback.compare(a.traceback)
  );
}

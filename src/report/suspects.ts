// SPDX-License-Identifier: MIT
// Decides whether a site, or a sum over sites, leaks, by lasting growth, not by size. Pure;
// docs/report.md says how reliable the test is.
//
// The history of a site is divided into blocks of equal length, and each block is represented by
// its lowest report, the floor: what remains after any cycle of allocation and garbage collection
// that is shorter than a block. A site is a suspect if over the last six blocks
//   1. every floor is higher than the one before,
//   2. the growth is more than four standard errors of the sampling,
//   3. the later half has grown at least half as much as the earlier half: it does not level off,
//   4. there were two full garbage collections, one of them since the earlier half: what grew is
//      not garbage, and
//   5. where there are more objects, at least half of the growth in the earlier half is objects
//      that were allocated in it and are still alive, not their successors.
// A few samples can't reach four standard errors, but how much of the heap full collections leave
// is known exactly. So while blocks are of one or two reports, and if the site has grown by between
// half and one and a half times as much as the heap:
//   - 3.2 standard errors are enough if at least four collections show that the heap only rises;
//   - if there was a collection in each block, the heap may meet 1 and 3 in place of the site, of
//     which then no floor may be lower than the one before; 3.2 standard errors are enough, or 2.5
//     where blocks are single reports.
// In longer blocks, a heap that grows by something else would make a site a suspect by chance.
// Blocks begin as one report and double as the history grows, so that growth has to last longer and
// longer; their length is limited, so that a leak that begins late is not reported too late.
import type { Elders } from '../traces/elders.js';
import type { Site } from './site-table.js';

/** One report's figures of one site. */
export interface Observation {
  /** ms since the epoch. */
  readonly time: number;
  /** Live bytes. */
  readonly size: number;
  readonly count: number;
  /** The variance of `size`, bytes squared. */
  readonly variance: number;
  /** The most mean bytes between samples until then. */
  readonly coarsestInterval: number;
  /** Bytes allocated since start; NaN: unknown. */
  readonly allocatedSize: number;
  /** Full garbage collections until then. */
  readonly fullCollections: number;
  /** Bytes of objects that the last of these left of the heap, exact; absent: unknown. */
  readonly heapAfterCollection?: number | undefined;
  /** The mark with which to read how much of it is still alive. */
  readonly ageMark?: number | undefined;
}

/** A site's live objects that existed at a mark. Undefined: not known. */
type EldersOf = (site: Site, ageMark: number) => Elders | undefined;

interface PastObservation extends Omit<Observation, keyof TestedFigures> {
  readonly eldersOf?: EldersOf;
  /** The figures that are tested instead of a site's own. */
  readonly figuresOf?: ((site: Site) => TestedFigures) | undefined;
}

/** The part of an observation that is the site's own. */
export type TestedFigures = Pick<Observation, 'size' | 'count' | 'variance' | 'allocatedSize'>;

export interface Suspicion {
  /** `'flat'`: it was growing, and does not any more. */
  readonly state: 'growing' | 'flat';
  /** When it first became a suspect, ms since the epoch. */
  readonly since: number;
  /** Growth of the floors, over the last six blocks in which it was growing. */
  readonly bytesPerHour: number;
}

/** Blocks that are compared. */
export const BLOCKS = 6;
/** Reports in the longest blocks. */
const MAX_BLOCK_LENGTH = 16;
/** Standard errors that the growth has to exceed. */
export const THRESHOLD = 4;
/**
 * The same where the heap rises, too, and where it rises in place of the site. By chance, one of 4!
 * or of 6! orders only rises; in return, growth exceeds these thresholds by chance 22 or 200 times
 * as often as it exceeds four.
 */
const THRESHOLD_WITH_HEAP = 3.2;
const THRESHOLD_BY_HEAP = 2.5;
const FEWEST_COLLECTIONS = 4;
/** Reports in the longest blocks for which the heap is evidence. */
const LONGEST_WITH_HEAP = 2;

/**
 * The fewest samples with which a site gets a history: with fewer the test can't decide, and there
 * may be many such sites.
 */
export const FEWEST_SAMPLES = 4;

type EldersAt = (ageMark: number) => Elders | undefined;

/** The histories of the sites that have enough samples for one. */
export class Suspects {
  readonly #fewestSamples: number;
  readonly #trends = new Map<Site, Trend>();

  constructor({ fewestSamples }: { fewestSamples: number }) {
    this.#fewestSamples = fewestSamples;
  }

  /** The figures of all sites for one report. */
  observe(sites: Iterable<Site>, at: PastObservation): void {
    for (const site of sites) {
      let trend = this.#trends.get(site);
      if (trend === undefined) {
        if (site.samples < this.#fewestSamples) continue;
        trend = new Trend();
        this.#trends.set(site, trend);
      }
      const { size, count, variance, allocatedSize } = at.figuresOf?.(site) ?? site;
      const elders = (mark: number) => at.eldersOf?.(site, mark);
      const heapAfterCollection = site.domain === 'heap' ? at.heapAfterCollection : undefined;
      const figures = { size, count, variance, allocatedSize, heapAfterCollection };
      trend.observe({ ...at, ...figures }, elders);
      if (site.samples === 0) this.#trends.delete(site);
    }
  }

  get hasGrowing(): boolean {
    return [...this.#trends.values()].some(({ suspicion }) => suspicion?.state === 'growing');
  }

  /** The sites that are suspects. */
  *[Symbol.iterator](): Iterator<[Site, Suspicion]> {
    for (const [site, { suspicion }] of this.#trends) {
      if (suspicion !== undefined) yield [site, suspicion];
    }
  }
}

/** The history of one site, of constant size. */
export class Trend {
  #floors: Observation[] = [];
  #blockLength = 1;
  #current: Observation | undefined;
  #seen = 0;
  #suspicion: Suspicion | undefined;
  #flatFor = 0;

  /** Undefined: no suspect. */
  get suspicion(): Suspicion | undefined {
    return this.#suspicion;
  }

  /** @param elders - reads the elders of the site now; without it ages are not part of the test. */
  observe(observation: Observation, elders: EldersAt = () => undefined): void {
    this.#current = lower(this.#current, observation);
    this.#seen += 1;
    if (this.#seen < this.#blockLength) return;
    this.#floors.push(this.#current);
    this.#current = undefined;
    this.#seen = 0;
    this.#shorten();
    this.#judge(observation.time, elders);
  }

  // Either merges blocks to half as many of twice the length, or removes the oldest one.
  #shorten(): void {
    const floors = this.#floors;
    if (floors.length < 2 * BLOCKS) return;
    if (this.#blockLength < MAX_BLOCK_LENGTH) {
      this.#blockLength *= 2;
      this.#floors = Array.from({ length: BLOCKS }, (_, i) =>
        lower(floors[2 * i], floors[2 * i + 1] as Observation),
      );
    } else {
      floors.shift();
    }
  }

  #judge(now: number, elders: EldersAt): void {
    const window = this.#floors.slice(-BLOCKS);
    if (window.length < BLOCKS) return;
    const grows =
      wasCollected(window) &&
      isSignificant(window, elders, thresholdFor(window, this.#blockLength));
    const before = this.#suspicion;
    if (!grows && before === undefined) return; // ages are expensive to read, so not without need
    const isRetained = getsOlder(window, elders);
    if (grows && isRetained) {
      const since = before?.since ?? now;
      this.#suspicion = { state: 'growing', since, bytesPerHour: bytesPerHour(window) };
      this.#flatFor = 0;
    } else if (before !== undefined && (!isRetained || hasLevelled(window))) {
      this.#suspicion = { ...before, state: 'flat' };
      this.#flatFor += 1;
      // Flat for as many blocks as the test needs for growth: no suspect any more.
      if (this.#flatFor === BLOCKS) this.#suspicion = undefined;
    }
  }
}

function lower(one: Observation | undefined, other: Observation): Observation {
  return one !== undefined && one.size <= other.size ? one : other;
}

/** The first and the last floor of the earlier half, and the last of all. */
function ends(floors: readonly Observation[]): [Observation, Observation, Observation] {
  const at = (i: number) => floors[i] as Observation;
  return [at(0), at(BLOCKS / 2 - 1), at(BLOCKS - 1)];
}

function sizesOf(floors: readonly Observation[]): number[] {
  return floors.map(({ size }) => size);
}

/** Condition 4. */
function wasCollected(floors: readonly Observation[]): boolean {
  const [first, middle, last] = ends(floors);
  // Two, since objects allocated while a collection is marking survive it even if they are garbage.
  const collections = last.fullCollections - first.fullCollections;
  return collections >= 2 && last.fullCollections > middle.fullCollections;
}

/** Conditions 1 and 3. */
function rises(sizes: readonly number[]): boolean {
  return isRising(sizes) && half(sizes, 'later') >= half(sizes, 'earlier') / 2;
}

function isRising(sizes: readonly number[]): boolean {
  return sizes.every((size, i) => i === 0 || size > (sizes[i - 1] as number));
}

/** How many standard errors the growth must exceed; Infinity if the site does not grow. */
function thresholdFor(floors: readonly Observation[], blockLength: number): number {
  const sizes = sizesOf(floors);
  const heaps = heapsOf(floors);
  const [growth, ofHeap] = [growthOf(sizes), growthOf(heaps)];
  const isHeaps =
    blockLength <= LONGEST_WITH_HEAP && growth >= ofHeap / 2 && growth <= ofHeap * 1.5;
  const falls = sizes.some((size, i) => i > 0 && size < (sizes[i - 1] as number));
  const isByHeap = heaps.length === BLOCKS && rises(heaps) && isHeaps;
  if (isByHeap && !falls && half(sizes, 'later') > 0)
    return blockLength === 1 ? THRESHOLD_BY_HEAP : THRESHOLD_WITH_HEAP;
  const isWithHeap = heaps.length >= FEWEST_COLLECTIONS && isRising(heaps) && isHeaps;
  return rises(sizes) ? (isWithHeap ? THRESHOLD_WITH_HEAP : THRESHOLD) : Number.POSITIVE_INFINITY;
}

/** What was left of the heap by each collection that was the last one before a floor. */
function heapsOf(floors: readonly Observation[]): number[] {
  return floors.flatMap(({ fullCollections, heapAfterCollection }, i) =>
    heapAfterCollection === undefined || fullCollections === floors[i - 1]?.fullCollections
      ? []
      : [heapAfterCollection],
  );
}

function growthOf(sizes: readonly number[]): number {
  return (sizes.at(-1) ?? 0) - (sizes[0] ?? 0);
}

/** Condition 2. */
function isSignificant(
  floors: readonly Observation[],
  elders: EldersAt,
  threshold: number,
): boolean {
  const [first, , last] = ends(floors);
  const growth = last.size - first.size;
  if (growth > threshold * errorOfGrowth(first, last)) return true;
  // Ages are read only if they can decide: if all of the first is alive.
  if (growth <= threshold * errorWithElders(first, last, first)) return false;
  const kept = elders(first.ageMark ?? 0);
  return kept !== undefined && growth > threshold * errorWithElders(first, last, kept);
}

/**
 * Whether at least half of the growth in the earlier half is still alive. Returns true for objects
 * that become larger but not more numerous, since an array that grows is reallocated.
 */
function getsOlder(floors: readonly Observation[], elders: EldersAt): boolean {
  const [first, middle, last] = ends(floors);
  const growth = last.size - first.size;
  if ((last.count - first.count) * (last.size / last.count) < growth / 2) return true;
  const [then, before] = [elders(middle.ageMark ?? 0), elders(first.ageMark ?? 0)];
  if (then === undefined || before === undefined) return true;
  return then.size - before.size >= (middle.size - first.size) / 2;
}

/** A site that grows evenly has two fifths of its growth in the later half. */
function hasLevelled(floors: readonly Observation[]): boolean {
  const sizes = sizesOf(floors);
  return half(sizes, 'later') <= growthOf(sizes) / 10;
}

function half(sizes: readonly number[], which: 'earlier' | 'later'): number {
  const part = which === 'earlier' ? sizes.slice(0, BLOCKS / 2) : sizes.slice(-BLOCKS / 2);
  return (part.at(-1) as number) - (part[0] as number);
}

/**
 * An upper bound of the standard error of a site's growth between two observations: the lesser of
 * two bounds. If all objects of the first have died and all of the last were born in between, the
 * variances of both add up. Else objects in both cancel out, and only births and deaths in between
 * count: the variance of one sample of s bytes, s²·w·(w − 1), is at most its estimate s·w times the
 * sample interval R, since s·(w − 1) = s / (exp(s/R) − 1) ≤ R; so the variance is at most R
 * per byte, with the coarsest R.
 */
function errorOfGrowth(first: Observation, last: Observation): number {
  const born = Math.max(0, last.allocatedSize - first.allocatedSize);
  const died = Math.max(0, born - (last.size - first.size));
  const independent = first.variance + last.variance;
  if (Number.isNaN(born)) return Math.sqrt(independent);
  const kept = Math.max(0, first.size - died);
  // Where samples were thinned out in between (native/core/thinning.h), the variance per byte of
  // those that were kept has risen by this difference.
  const thinning = Math.max(0, byByte(last) - byByte(first)) * kept;
  const turnover = last.coarsestInterval * (born + died) + thinning;
  return Math.sqrt(Math.min(turnover, independent));
}

/**
 * The standard error where it is known which objects of the first observation are in the last: the
 * samples of these are the same in both, so twice their variance is not in that of the growth.
 * Where samples were thinned out in between, it is that of the first observation.
 */
function errorWithElders(first: Observation, last: Observation, kept: Elders): number {
  const common = kept.size * Math.min(byByte(kept), byByte(first));
  return Math.sqrt(Math.max(0, first.variance + last.variance - 2 * common));
}

function byByte({ size, variance }: Elders): number {
  return size > 0 ? variance / size : 0;
}

function bytesPerHour(floors: readonly Observation[]): number {
  const [first, last] = [floors[0] as Observation, floors.at(-1) as Observation];
  const hours = (last.time - first.time) / 3_600_000;
  return hours > 0 ? (last.size - first.size) / hours : 0;
}

// SPDX-License-Identifier: MIT
// Whether memory grows from block to block of a test's runs, by the test for suspects
// (report/suspects.ts) with runs in place of time. Pure.
import { runThrough } from '../host/steps.js';
import { bySite, type Charging, SUMS, type SumKind } from '../report/groupings.js';
import { Growth, type Suspect } from '../report/growth.js';
import type { Site } from '../report/site-table.js';
import { BLOCKS } from '../report/suspects.js';
import { keyOf } from '../snapshot/grouping.js';
import { Snapshot } from '../snapshot/snapshot.js';
import { Allocators, allocatorName } from '../traces/charge.js';
import { type Frame, kindOf } from '../traces/frame.js';
import type { Trace } from '../traces/trace.js';
import type { Traceback } from '../traces/traceback.js';

/** Blocks of runs in a window, with a snapshot after each. */
export const WINDOW = BLOCKS;

/** Sites are lines of one's own code. */
export const GROUPING = { keyType: 'lineno', frames: 'own' } as const;
const SITES = bySite(GROUPING);

// Maps, scopes and cells of a function are of no type of their own.
const CODE: readonly string[] = ['(code)', '(system)'];

/** A line, or a sum over lines, that has grown in each block. */
export interface GrownSite {
  /** The same in another window. */
  readonly id: string;
  readonly site: Site;
  readonly sum: SumKind | undefined;
  /** Means over the window. */
  readonly bytesPerRun: number;
  readonly countPerRun: number;
  /** What it consists of, what has grown most in the window first. */
  readonly traces: readonly Trace[];
  /** What allocated most of the growth, called by the site's frame; undefined: that frame itself. */
  readonly allocator: string | undefined;
  /** Types of its objects that have grown, the most first. */
  readonly types: readonly string[];
}

/** A snapshot, and what is known only at its moment. */
export interface BlockEnd {
  /** Without garbage. */
  readonly snapshot: Snapshot;
  /** Full garbage collections until then. */
  readonly fullCollections: number;
}

interface WindowOptions {
  readonly runsPerBlock: number;
  /** Every allocation is a sample. */
  readonly isExact: boolean;
}

export class GrowthWindow {
  readonly #runsPerBlock: number;
  readonly #growth: Growth;
  #blocks = 0;
  readonly #before: EarlierTraces;
  #traces: readonly Trace[] = [];

  /** @param before - the moment before the first block. */
  constructor(before: Snapshot, { runsPerBlock, isExact }: WindowOptions) {
    this.#runsPerBlock = runsPerBlock;
    this.#growth = new Growth({
      ...GROUPING,
      ageMark: undefined,
      hasSuspects: true,
      isExact,
    });
    this.#before = new EarlierTraces(before.traces);
    runThrough(this.#growth.updating(before));
  }

  /** After each block. */
  observe({ snapshot, fullCollections }: BlockEnd): void {
    this.#blocks++;
    this.#traces = snapshot.traces;
    // By the number of runs: clocks may be fake, and hours become runs.
    const timestamp = this.#blocks * this.#runsPerBlock * 3_600_000;
    const timed = new Snapshot(snapshot.traces, { ...snapshot, timestamp });
    runThrough(this.#growth.updating(timed));
    runThrough(this.#growth.observing(timed, { fullCollections }));
  }

  /**
   * After the last block: what has grown in all of them, the fastest first.
   *
   * @param others - ids of sites that grow by another test.
   */
  grown(others: ReadonlySet<string>): GrownSite[] {
    const suspects: Pick<Suspect, 'site' | 'sum'>[] = runThrough(this.#growth.suspects());
    const known = new Set(suspects.map(({ site }) => site));
    for (const site of this.#growth.sites) {
      if (others.has(site.id) && !known.has(site)) suspects.push({ site, sum: undefined });
    }
    return suspects
      .filter(({ site }) => !site.frame.filename.startsWith('('))
      .map((suspect) => this.#described(suspect))
      .filter(({ types }) => !isCode(types))
      .sort((a, b) => b.bytesPerRun - a.bytesPerRun);
  }

  #described({ site, sum }: Pick<Suspect, 'site' | 'sum'>): GrownSite {
    const runs = this.#blocks * this.#runsPerBlock;
    const charge = sum === undefined ? SITES : SUMS[sum];
    const traces = this.#tracesOf(site, charge);
    const allocators = new Allocators<Frame>();
    let growth = 0;
    for (const trace of traces) {
      const more = this.#before.growthOf(trace);
      growth += more;
      const allocator = charge(trace)[0]?.allocator;
      if (allocator !== undefined) allocators.add(keyOf(allocator, 'lineno'), allocator, more);
    }
    const allocator = allocators.largest(growth);
    return {
      id: `${sum ?? ''}\n${site.id}`,
      ...{ site, sum },
      bytesPerRun: site.sizeDiffSinceStart / runs,
      countPerRun: site.countDiffSinceStart / runs,
      traces,
      allocator: allocator && allocatorName(allocator, kindOf(allocator)),
      types: this.#before.grownTypes(traces),
    };
  }

  #tracesOf({ id }: Site, charge: Charging): Trace[] {
    return this.#traces
      .filter((trace) => charge(trace).some(({ key }) => `${trace.domain}\n${key}` === id))
      .sort((a, b) => this.#before.growthOf(b) - this.#before.growthOf(a));
  }
}

/** What V8 made only to run functions, such as one that was called for the first time. */
function isCode(grownTypes: readonly string[]): boolean {
  return grownTypes.includes('(code)') && grownTypes.every((type) => CODE.includes(type));
}

/** The traces of an earlier moment. */
class EarlierTraces {
  // Two stacks that differ in their columns only have tracebacks that are equal, not the same object.
  readonly #byTraceback: ReadonlyMap<Traceback, Trace>;

  constructor(traces: readonly Trace[]) {
    this.#byTraceback = new Map(traces.map((trace) => [trace.traceback, trace]));
  }

  /** Bytes that it holds more now. */
  growthOf({ traceback, size }: Trace): number {
    return size - (this.#byTraceback.get(traceback)?.size ?? 0);
  }

  /** Types of which there is more now, what grew most first. */
  grownTypes(traces: readonly Trace[]): string[] {
    const growth = new Map<string, number>();
    const add = (type: string, size: number) => growth.set(type, size + (growth.get(type) ?? 0));
    for (const { traceback, types } of traces) {
      for (const { type, size } of types) add(type, size);
      for (const { type, size } of this.#byTraceback.get(traceback)?.types ?? []) add(type, -size);
    }
    return [...growth]
      .filter(([, size]) => size > 0)
      .sort(([, a], [, b]) => b - a)
      .map(([type]) => type);
  }
}

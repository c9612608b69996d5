// SPDX-License-Identifier: MIT
// Whether memory grows from block to block of a test's runs, by the test for suspects
// (report/suspects.ts) with runs in place of time. Pure.
import { runThrough } from '../host/steps.js';
import { bySite, type Charging, SUMS, type SumKind } from '../report/groupings.js';
import { Growth, type Suspect } from '../report/growth.js';
import type { Site } from '../report/site-table.js';
import { BLOCKS } from '../report/suspects.js';
import { Snapshot } from '../snapshot/snapshot.js';
import type { Trace } from '../traces/trace.js';

/** Blocks of runs in a window, with a snapshot after each. */
export const WINDOW = BLOCKS;

/** Sites are lines of one's own code. */
export const GROUPING = { keyType: 'lineno', frames: 'own' } as const;
const SITES = bySite(GROUPING);

/** A line, or a sum over lines, that has grown in each block. */
export interface GrownSite {
  /** The same in another window. */
  readonly id: string;
  readonly site: Site;
  readonly sum: SumKind | undefined;
  /** Means over the window. */
  readonly bytesPerRun: number;
  readonly countPerRun: number;
  /** What it consists of, the largest first. */
  readonly traces: readonly Trace[];
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
      .sort((a, b) => b.bytesPerRun - a.bytesPerRun);
  }

  #described({ site, sum }: Pick<Suspect, 'site' | 'sum'>): GrownSite {
    const runs = this.#blocks * this.#runsPerBlock;
    return {
      id: `${sum ?? ''}\n${site.id}`,
      ...{ site, sum },
      bytesPerRun: site.sizeDiffSinceStart / runs,
      countPerRun: site.countDiffSinceStart / runs,
      traces: this.#tracesOf(site, sum === undefined ? SITES : SUMS[sum]),
    };
  }

  #tracesOf({ id }: Site, charge: Charging): Trace[] {
    return this.#traces
      .filter((trace) => charge(trace).some(({ key }) => `${trace.domain}\n${key}` === id))
      .sort((a, b) => b.size - a.size);
  }
}

// SPDX-License-Identifier: MIT
// What grows from report to report: sites, and sums over sites, each tested for growth. A leak that
// is spread over many lines can't be seen at any single line, since none of them has enough samples
// for a long time. It is named by the first of these sums: the application's own line from which
// all of it is allocated, the module, the class of objects.
import { runThrough, type Steps } from '../host/steps.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { AgeSum } from '../traces/age.js';
import type { Elders } from '../traces/elders.js';
import type { Trace } from '../traces/trace.js';
import type { Traceback } from '../traces/traceback.js';
import {
  bySite,
  byTypeIn,
  type Charging,
  idOfWhole,
  type SiteOptions,
  SUMS,
  type SumKind,
} from './groupings.js';
import { type Site, type SitePart, SiteTable } from './site-table.js';
import { FEWEST_SAMPLES, Suspects, type Suspicion, type TestedFigures } from './suspects.js';

/** A site or sum that seems to leak. */
export interface Suspect {
  readonly site: Site;
  readonly suspicion: Suspicion;
  /** Undefined: a single site. */
  readonly sum: SumKind | undefined;
}

/** The figures of the moment of a report that are needed. */
export interface GrowthMoment {
  readonly fullCollections: number;
  /** Bytes of objects that the last of these left of the heap; absent: unknown. */
  readonly heapAfterCollection?: number | undefined;
  readonly ageMark?: number;
  readonly elders?: (mark: number) => ReadonlyMap<Traceback, Elders> | undefined;
}

type BySite = ReadonlyMap<Site, Elders>;

interface MarkedMoment
  extends Pick<GrowthMoment, 'fullCollections' | 'heapAfterCollection' | 'ageMark'> {
  /** What existed at a mark and lives, by the index of the trace. */
  readonly eldersAt: (mark: number) => readonly (Elders | undefined)[] | undefined;
}

const NONE: Elders = { size: 0, variance: 0 };

// There are fewer sums than sites, and each sample in the history counts.
const FEWEST_OF_SUM = 2;

/** The sites or the sums of one kind. */
class Level {
  readonly table: SiteTable;
  readonly suspects: Suspects;
  readonly sum: SumKind | undefined;

  constructor(grouping: Charging, { isExact, sum }: { isExact: boolean; sum?: SumKind }) {
    this.table = new SiteTable(grouping);
    const fewest = sum === undefined ? FEWEST_SAMPLES : FEWEST_OF_SUM;
    this.suspects = new Suspects({ fewestSamples: isExact ? 1 : fewest });
    this.sum = sum;
  }

  /** @param before - the mark of the report before. */
  *observing(snapshot: Snapshot, at: MarkedMoment, before: number | undefined): Steps<void> {
    const { timestamp: time, sampleInterval, sampling } = snapshot;
    const coarsestInterval = sampling?.coarsest ?? sampleInterval;
    const { fullCollections, heapAfterCollection, eldersAt } = at;
    const byMark = new Map<number, BySite | undefined>();
    const elders = this.sum === undefined || before === undefined ? undefined : eldersAt(before);
    const older = elders && (yield* this.table.sumBySite(elders));
    if (before !== undefined) byMark.set(before, older);
    // Ages at other marks are read only for a site that meets all other conditions.
    const eldersBySite = (mark: number) => {
      if (!byMark.has(mark) || byMark.get(mark) === undefined) {
        const elders = eldersAt(mark);
        byMark.set(mark, elders && runThrough(this.table.sumBySite(elders)));
      }
      return byMark.get(mark);
    };
    const eldersOf = (site: Site, mark: number) => {
      const elders = site.domain === 'heap' ? eldersBySite(mark) : undefined;
      return elders && (elders.get(site) ?? NONE);
    };
    this.suspects.observe(this.table.sites, {
      ...{ time, coarsestInterval, fullCollections, heapAfterCollection, eldersOf },
      ageMark: older ? before : at.ageMark,
      figuresOf: older && ((site: Site) => eldersIn(site, older)),
    });
    yield;
  }
}

/**
 * What existed at the report before: with the newest objects, a sum has as much garbage as has
 * come since the last collection, and that of many sites.
 */
function eldersIn(site: Site, elders: BySite): TestedFigures {
  if (site.domain !== 'heap') return site;
  const { size, variance } = elders.get(site) ?? NONE;
  const share = site.size > 0 ? Math.min(1, size / site.size) : 0;
  return { size, count: site.count * share, variance, allocatedSize: Number.NaN };
}

export interface GrowthOptions extends SiteOptions {
  /** The age mark of the snapshot with which the reports begin. */
  readonly ageMark: number | undefined;
  /** False: only the sites' figures are wanted. */
  readonly hasSuspects: boolean;
  /**
   * Whether every allocation is a sample: then one sample is enough for a history, and the objects
   * of each type of a site are tested, too. Default false.
   */
  readonly isExact?: boolean;
}

export class Growth {
  readonly #sites: Level;
  /** Parts of sites, by type. */
  readonly #parts: Level | undefined;
  // The more specific first.
  readonly #levels: readonly Level[];
  #traces: readonly Trace[] = [];
  #lastMark: number | undefined;
  #lastTime = Number.NaN;

  constructor({ ageMark, hasSuspects, isExact = false, ...options }: GrowthOptions) {
    this.#lastMark = ageMark;
    this.#sites = new Level(bySite(options), { isExact });
    this.#parts = isExact ? new Level(byTypeIn(bySite(options)), { isExact }) : undefined;
    const kinds = hasSuspects ? (['line', 'module', 'type'] as const) : [];
    const sums = kinds.map((sum) => new Level(SUMS[sum], { isExact, sum }));
    this.#levels = [this.#sites, ...(this.#parts ? [this.#parts] : []), ...sums];
  }

  get sites(): Iterable<Site> {
    return this.#sites.table.sites;
  }

  /** How old what the last snapshot has of these is. */
  agesOf(sites: Iterable<Site>): Steps<ReadonlyMap<Site, AgeSum>> {
    return this.#sites.table.agesOf(sites);
  }

  /** In steps. */
  *updating(snapshot: Snapshot): Steps<void> {
    for (const { table } of this.#levels) yield* table.updating(snapshot);
    this.#traces = snapshot.traces;
  }

  /** In steps. */
  *observing(snapshot: Snapshot, { elders, ...moment }: GrowthMoment): Steps<void> {
    // The engine `inspector` may return the same reading several times.
    if (snapshot.timestamp === this.#lastTime) return;
    this.#lastTime = snapshot.timestamp;
    const byMark = new Map<number, readonly (Elders | undefined)[] | undefined>();
    const eldersAt = (mark: number) => {
      if (!byMark.has(mark)) {
        const all = elders?.(mark);
        const ofTrace = ({ domain, traceback }: Trace) =>
          domain === 'heap' ? all?.get(traceback) : undefined;
        byMark.set(mark, all && this.#traces.map(ofTrace));
      }
      return byMark.get(mark);
    };
    // Where one leak is known, a heap that grows is no evidence of a second one.
    const isKnown = this.#levels.some(({ suspects }) => suspects.hasGrowing);
    const heapAfterCollection = isKnown ? undefined : moment.heapAfterCollection;
    const at = { ...moment, heapAfterCollection, eldersAt };
    for (const level of this.#levels) yield* level.observing(snapshot, at, this.#lastMark);
    this.#lastMark = moment.ageMark;
  }

  /**
   * All suspects, in steps. A sum is one only if those that are more specific do not explain half
   * of its growth.
   */
  *suspects(): Steps<Suspect[]> {
    const found = new Map<Site, Found>();
    for (const level of this.#levels) {
      for (const [site, suspicion] of level.suspects) {
        const whole =
          level === this.#parts ? this.#sites.table.siteLike({ id: idOfWhole(site) }) : site;
        if (whole === undefined) continue;
        const suspect = this.#withoutSum({ site: whole, grown: site, suspicion, sum: level.sum });
        if (!found.has(suspect.site)) found.set(suspect.site, suspect);
      }
    }
    const all = [...found.values()];
    if (all.every(({ sum }) => sum === undefined)) return all;
    const shared = yield* this.#shared(all);
    const named: Found[] = [];
    for (const suspect of all) {
      if (suspect.sum === undefined || !isExplained(suspect, named, shared)) named.push(suspect);
    }
    // A line that is named together with all that it calls need not be named alone, too.
    const whole = named.filter(({ sum }) => sum === 'line').map(placeOf);
    return named.filter((one) => one.sum !== undefined || !whole.includes(placeOf(one)));
  }

  /** A line that calls nothing that allocates is a site. */
  #withoutSum(suspect: Found): Found {
    if (suspect.sum !== 'line') return suspect;
    const alone = this.#sites.table.siteLike(suspect.site);
    if (alone?.samples !== suspect.site.samples) return suspect;
    return { ...suspect, site: alone, grown: alone, sum: undefined };
  }

  /** Live bytes that what grew of two suspects has in common. */
  *#shared(suspects: readonly Found[]): Steps<Shared> {
    const shared: Shared = new Map(suspects.map(({ grown }) => [grown, new Map()]));
    for (let i = 0; i < this.#traces.length; i++) {
      const parts: SitePart[] = [];
      for (const { table } of this.#levels) {
        for (const part of table.partsOf(i)) if (shared.has(part.site)) parts.push(part);
      }
      for (const one of parts) {
        for (const { site, charged } of parts) {
          const sums = shared.get(one.site) as Map<Site, number>;
          const size = Math.min(one.charged.figures.size, charged.figures.size);
          sums.set(site, size + (sums.get(site) ?? 0));
        }
      }
      yield;
    }
    return shared;
  }
}

type Shared = Map<Site, Map<Site, number>>;

interface Found extends Suspect {
  /** The site, or the objects of one type among those of the site. */
  readonly grown: Site;
}

function isExplained(
  { grown, suspicion }: Found,
  named: readonly Found[],
  shared: Shared,
): boolean {
  const explained = named.reduce((sum, other) => {
    const share = (shared.get(grown)?.get(other.grown) ?? 0) / other.grown.size;
    return sum + share * other.suspicion.bytesPerHour;
  }, 0);
  return explained >= suspicion.bytesPerHour / 2;
}

function placeOf({ site }: Suspect): string {
  return `${site.domain} ${site.frame}`;
}

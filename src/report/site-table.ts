// SPDX-License-Identifier: MIT
// Sites, or sums over sites, updated from snapshot to snapshot: an unchanged trace costs one
// comparison of references.
import { runThrough, type Steps } from '../host/steps.js';
import { keyOf } from '../snapshot/grouping.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { AgeSum } from '../traces/age.js';
import { Allocators, allocatorName } from '../traces/charge.js';
import type { Elders } from '../traces/elders.js';
import { type Frame, kindOf } from '../traces/frame.js';
import type { Trace } from '../traces/trace.js';
import type { Charged, Charging } from './groupings.js';

/** Figures at an earlier update. */
interface Before {
  readonly size: number;
  readonly count: number;
}

const NOTHING = { size: 0, count: 0, allocatedSize: 0 };

export class Site {
  /** Its key in the table. */
  readonly id: string;
  readonly domain: string;
  /** Oldest first, down to the charged one; only the latter unless sites are tracebacks. */
  readonly frames: readonly Frame[];
  approximate = false;
  size = 0;
  count = 0;
  samples = 0;
  variance = 0;
  /** Number of traces in its sums. */
  traces = 0;
  /** Number of those that hold memory: not all have samples. */
  #holders = 0;
  /**
   * Bytes allocated since start, collected or not; NaN: unknown. Never falls: totals of stacks that
   * the tracker has removed are in another row, but were allocated here.
   */
  allocatedSize = 0;
  #previous: Before & { readonly allocatedSize: number } = NOTHING;
  #first: Before = NOTHING;
  readonly #allocators = new Allocators<Frame>();
  readonly #functions = new Map<string, number>();

  constructor(id: string, domain: string, frames: readonly Frame[]) {
    this.id = id;
    this.domain = domain;
    this.frames = frames;
  }

  get frame(): Frame {
    return this.frames.at(-1) as Frame;
  }

  /** The function that holds most, of those that share the site's place. */
  get functionName(): string {
    let name = this.frame.functionName;
    let largest = this.#functions.get(name) ?? 0;
    for (const [other, size] of this.#functions) {
      if (size > largest) [name, largest] = [other, size];
    }
    return name;
  }

  /** What allocated most of it, called by the charged frame; undefined: that frame itself. */
  get allocator(): string | undefined {
    const frame = this.#allocators.largest(this.size);
    return frame && allocatorName(frame, kindOf(frame));
  }

  /** Growth since the previous update. */
  get sizeDiff(): number {
    return this.size - this.#previous.size;
  }

  get countDiff(): number {
    return this.count - this.#previous.count;
  }

  /** Growth since the first update. */
  get sizeDiffSinceStart(): number {
    return this.size - this.#first.size;
  }

  get countDiffSinceStart(): number {
    return this.count - this.#first.count;
  }

  /**
   * Whether it can be forgotten: no snapshot has memory of it, and no report needs its growth any
   * more.
   */
  get isForgettable(): boolean {
    return this.traces === 0 && this.#first.size === 0;
  }

  /** Called when an update begins. */
  begin(): void {
    const { size, count, allocatedSize } = this;
    this.#previous = { size, count, allocatedSize };
  }

  /** Called when an update ends that has changed this site. */
  end({ isFirst }: { isFirst: boolean }): void {
    this.allocatedSize = Math.max(this.allocatedSize, this.#previous.allocatedSize);
    this.#dropResidue();
    if (isFirst) this.#first = { size: this.size, count: this.count };
  }

  /** Adds a trace's figures, or a part of them, or subtracts them; returns the site. */
  add(sign: 1 | -1, { frames, figures, allocator }: Charged): this {
    this.traces += sign;
    if (figures.size > 0) this.#holders += sign;
    this.size += sign * figures.size;
    this.count += sign * figures.count;
    this.samples += sign * figures.samples;
    this.variance += sign * figures.variance;
    this.allocatedSize += sign * (figures.allocatedSize ?? Number.NaN);
    const size = sign * figures.size;
    const { functionName } = frames.at(-1) as Frame;
    this.#functions.set(functionName, (this.#functions.get(functionName) ?? 0) + size);
    if (allocator !== undefined) {
      this.#allocators.add(keyOf(allocator, 'lineno'), allocator, size);
    }
    return this;
  }

  /** Sums of additions and subtractions keep a rounding residue when nothing is left. */
  #dropResidue(): void {
    if (this.#holders > 0) return;
    this.size = 0;
    this.count = 0;
    this.samples = 0;
    this.variance = 0;
    this.#allocators.clear();
    this.#functions.clear();
  }
}

/** What a trace, or a part of it, adds to a site. */
export interface SitePart {
  readonly site: Site;
  readonly charged: Charged;
}

export class SiteTable {
  readonly #grouping: Charging;
  readonly #sites = new Map<string, Site>();
  #traces: readonly Trace[] | undefined;
  /** By the index of their trace. */
  readonly #parts: (readonly SitePart[])[] = [];

  constructor(grouping: Charging) {
    this.#grouping = grouping;
  }

  get sites(): Iterable<Site> {
    return this.#sites.values();
  }

  update(snapshot: Snapshot): void {
    runThrough(this.updating(snapshot));
  }

  /** As {@link update}, in steps. */
  *updating(snapshot: Snapshot): Steps<void> {
    for (const [key, site] of this.#sites) {
      site.begin();
      // Only after an update at which it was seen empty; not if its first size is still needed.
      if (site.isForgettable) this.#sites.delete(key);
    }
    const before = this.#traces ?? [];
    const now = snapshot.traces;
    const changed = new Set<Site>();
    for (let i = 0; i < Math.max(before.length, now.length); i++) {
      const [then, trace] = [before[i], now[i]];
      if (then === trace) continue;
      const was = then === undefined ? [] : this.partsOf(i);
      const is = trace === undefined ? [] : this.#charge(trace);
      for (const { site, charged } of was) changed.add(site.add(-1, charged));
      for (const { site, charged } of is) changed.add(site.add(1, charged));
      this.#parts[i] = is;
      yield;
    }
    this.#parts.length = now.length;
    const isFirst = this.#traces === undefined;
    for (const site of changed) site.end({ isFirst });
    this.#traces = now;
  }

  /** What the last snapshot's trace of that index is charged to. */
  partsOf(index: number): readonly SitePart[] {
    return this.#parts[index] ?? [];
  }

  /** Those of the last snapshot's traces, by index, added up by site; of a part, its share. */
  *sumBySite(elders: readonly (Elders | undefined)[]): Steps<ReadonlyMap<Site, Elders>> {
    const sums = new Map<Site, Elders>();
    for (const [i, of] of elders.entries()) {
      const { size = 0 } = this.#traces?.[i] ?? {};
      for (const { site, charged } of of === undefined ? [] : this.partsOf(i)) {
        const share = size > 0 ? charged.figures.size / size : 1;
        const sum = sums.get(site);
        sums.set(site, {
          size: (of as Elders).size * share + (sum?.size ?? 0),
          variance: (of as Elders).variance * share + (sum?.variance ?? 0),
        });
      }
      yield;
    }
    return sums;
  }

  /** How old the last snapshot's memory is, of these sites. */
  *agesOf(sites: Iterable<Site>): Steps<ReadonlyMap<Site, AgeSum>> {
    const sums = new Map([...sites].map((site) => [site, new AgeSum()]));
    for (const [i, { age }] of (this.#traces ?? []).entries()) {
      for (const { site, charged } of age === undefined ? [] : this.partsOf(i)) {
        sums.get(site)?.add({ size: charged.figures.size, age });
      }
      yield;
    }
    return sums;
  }

  /** The site of this table with the key of one of another table. */
  siteLike({ id }: Pick<Site, 'id'>): Site | undefined {
    return this.#sites.get(id);
  }

  #charge(trace: Trace): readonly SitePart[] {
    return this.#grouping(trace).map((charged) => {
      const { key, frames } = charged;
      const id = `${trace.domain}\n${key}`;
      let site = this.#sites.get(id);
      if (site === undefined) {
        site = new Site(id, trace.domain, frames);
        this.#sites.set(id, site);
      }
      site.approximate ||= site.frame.approximate || (frames.at(-1) as Frame).approximate;
      return { site, charged };
    });
  }
}

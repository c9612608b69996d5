// SPDX-License-Identifier: MIT
// Sites as a report shows them, updated from snapshot to snapshot: an unchanged trace costs one
// comparison of references.
//
// A site is the innermost frame that the application wrote: Node's internals and builtins are not
// lines that a user can change. What they allocate is charged to their caller.
import { runThrough, type Steps } from '../host/steps.js';
import type { KeyType } from '../snapshot/grouping.js';
import { keyOf } from '../snapshot/grouping.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { type Frame, frameText } from '../traces/frame.js';
import type { Trace } from '../traces/trace.js';
import type { Traceback } from '../traces/traceback.js';

export class Site {
  readonly domain: string;
  /** Oldest first, up to the application's; only the latter unless sites are tracebacks. */
  readonly frames: readonly Frame[];
  approximate = false;
  size = 0;
  count = 0;
  samples = 0;
  variance = 0;
  /** Number of traces in its sums. */
  traces = 0;
  /**
   * Bytes allocated since start, collected or not; NaN: unknown. Never falls: totals of stacks that
   * the tracker has removed are in another row, but were allocated here.
   */
  allocatedSize = 0;
  /** The size at the previous update. */
  previousSize = 0;
  previousCount = 0;
  #previousAllocatedSize = 0;
  /** The size at the first update. */
  firstSize = 0;
  /** Bytes by allocating function, where that is not the application's. */
  readonly allocators = new Map<string, number>();
  readonly #functions = new Map<string, number>();

  constructor(domain: string, frames: readonly Frame[]) {
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

  /** The function that allocated most of it; undefined: the application itself. */
  get allocator(): string | undefined {
    let most: string | undefined;
    let largest = 1; // less than a byte is a residue
    let own = this.size;
    for (const [name, size] of this.allocators) {
      own -= size;
      if (size < largest) continue;
      [most, largest] = [name, size];
    }
    return own > largest ? undefined : most;
  }

  /** Called when an update begins. */
  begin(): void {
    this.previousSize = this.size;
    this.previousCount = this.count;
    this.#previousAllocatedSize = this.allocatedSize;
  }

  /** Called when an update ends that has changed this site. */
  end(): void {
    this.allocatedSize = Math.max(this.allocatedSize, this.#previousAllocatedSize);
    this.#dropResidue();
  }

  add(trace: Trace, sign: 1 | -1): void {
    this.traces += sign;
    this.size += sign * trace.size;
    this.count += sign * trace.count;
    this.samples += sign * trace.samples;
    this.variance += sign * trace.variance;
    this.allocatedSize += sign * (trace.allocatedSize ?? Number.NaN);
    const innermost = trace.traceback.at(-1) as Frame;
    const { functionName } = trace.traceback.applicationFrame ?? innermost;
    this.#functions.set(functionName, (this.#functions.get(functionName) ?? 0) + sign * trace.size);
    if (!innermost.isInternal || this.frame.isInternal) return;
    const name = innermost.functionName || frameText(innermost);
    this.allocators.set(name, (this.allocators.get(name) ?? 0) + sign * trace.size);
  }

  /** Sums of additions and subtractions keep a rounding residue when nothing is left. */
  #dropResidue(): void {
    if (this.samples > 0) return;
    this.size = 0;
    this.count = 0;
    this.variance = 0;
    this.allocators.clear();
    this.#functions.clear();
  }
}

export class SiteTable {
  readonly #keyType: KeyType;
  readonly #sites = new Map<string, Site>();
  readonly #byTraceback = new WeakMap<Traceback, Map<string, Site>>();
  #traces: readonly Trace[] | undefined;

  constructor(keyType: KeyType) {
    this.#keyType = keyType;
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
      if (site.traces === 0 && site.firstSize === 0) this.#sites.delete(key);
    }
    const before = this.#traces ?? [];
    const now = snapshot.traces;
    const changed = new Set<Site>();
    for (let i = 0; i < Math.max(before.length, now.length); i++) {
      const [then, trace] = [before[i], now[i]];
      if (then === trace) continue;
      if (then !== undefined) changed.add(this.#account(then, -1));
      if (trace !== undefined) changed.add(this.#account(trace, 1));
      yield;
    }
    for (const site of changed) site.end();
    if (this.#traces === undefined) for (const site of changed) site.firstSize = site.size;
    this.#traces = now;
  }

  /** Figures by traceback of one domain, by site. */
  sumBySite(figures: ReadonlyMap<Traceback, number>, domain: string): ReadonlyMap<Site, number> {
    const sums = new Map<Site, number>();
    for (const [traceback, figure] of figures) {
      const site = this.#byTraceback.get(traceback)?.get(domain);
      if (site !== undefined) sums.set(site, figure + (sums.get(site) ?? 0));
    }
    return sums;
  }

  #account(trace: Trace, sign: 1 | -1): Site {
    let ofDomains = this.#byTraceback.get(trace.traceback);
    if (ofDomains === undefined) {
      ofDomains = new Map();
      this.#byTraceback.set(trace.traceback, ofDomains);
    }
    let site = ofDomains.get(trace.domain);
    if (site === undefined || site.traces === 0) {
      site = this.#siteOf(trace); // a new site, if the previous one was removed
      ofDomains.set(trace.domain, site);
    }
    site.add(trace, sign);
    return site;
  }

  #siteOf({ domain, traceback: { frames } }: Trace): Site {
    const end = frames.findLastIndex((frame) => !frame.isInternal);
    const kept = end === -1 ? frames : frames.slice(0, end + 1);
    const shown = this.#keyType === 'traceback' ? kept : kept.slice(-1);
    const key = [domain, ...shown.map((frame) => keyOf(frame, this.#keyType))].join('\n');
    let site = this.#sites.get(key);
    if (site === undefined) {
      site = new Site(domain, shown);
      this.#sites.set(key, site);
    }
    site.approximate ||= site.frame.approximate || (shown.at(-1) as Frame).approximate;
    return site;
  }
}

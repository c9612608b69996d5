// SPDX-License-Identifier: MIT
// Memory that an application or library accounts for itself: exact, by the stack that tracked it.
import { shown, TracemallocError } from '../errors.js';
import { type CallSite, callSites, type Method } from '../host/call-sites.js';
import { Frame } from '../traces/frame.js';
import { type Labels, labelsText, NO_LABELS } from '../traces/labels.js';
import { REST } from '../traces/rest.js';
import { Trace } from '../traces/trace.js';
import { Traceback } from '../traces/traceback.js';
import { StackSites } from './stack-sites.js';

/** What is one site. */
interface TrackedPlace {
  readonly domain: string;
  readonly labels: Labels;
  readonly traceback: Traceback;
}

interface TrackedSite extends TrackedPlace {
  size: number;
  count: number;
  allocatedSize: number;
  allocatedCount: number;
}

interface TrackedMemory {
  readonly site: TrackedSite;
  readonly size: number;
}

/** Converts a call site into the frame that is shown. */
export type FrameAt = (site: CallSite) => Frame;

const REST_PLACE = new Traceback([new Frame(REST, 0)], 1);

const RESERVED: readonly unknown[] = ['heap', 'buffer'];

export class CustomDomains {
  readonly #tracked = new Map<string, Map<unknown, TrackedMemory>>();
  readonly #sites = new StackSites<TrackedSite>({
    isLive: ({ count }) => count > 0,
    restOf: ({ domain }) => keyOf(restOf(domain)),
    fold: (site, rest = newSite(restOf(site.domain))) => {
      rest.allocatedSize += site.allocatedSize;
      rest.allocatedCount += site.allocatedCount;
      return rest;
    },
  });

  track(place: TrackedPlace, key: unknown, size: number): void {
    const { domain } = place;
    this.untrack(domain, key);
    const site = this.#sites.get(keyOf(place), () => newSite(place));
    site.size += size;
    site.count += 1;
    site.allocatedSize += size;
    site.allocatedCount += 1;
    let ofDomain = this.#tracked.get(domain);
    if (ofDomain === undefined) {
      ofDomain = new Map();
      this.#tracked.set(domain, ofDomain);
    }
    ofDomain.set(key, { site, size });
  }

  untrack(domain: string, key: unknown): boolean {
    const tracked = this.#tracked.get(domain)?.get(key);
    if (tracked === undefined) return false;
    this.#tracked.get(domain)?.delete(key);
    tracked.site.size -= tracked.size;
    tracked.site.count -= 1;
    return true;
  }

  clear(): void {
    this.#tracked.clear();
    this.#sites.clear();
  }

  get domains(): string[] {
    return [...new Set([...this.#sites.values()].map(({ domain }) => domain))];
  }

  traces(): Trace[] {
    return [...this.#sites.values()].map(
      (site) => new Trace({ ...site, samples: site.count, variance: 0, types: [] }),
    );
  }
}

function restOf(domain: string): TrackedPlace {
  return { domain, labels: NO_LABELS, traceback: REST_PLACE };
}

function newSite(place: TrackedPlace): TrackedSite {
  return { ...place, size: 0, count: 0, allocatedSize: 0, allocatedCount: 0 };
}

function keyOf({ domain, labels, traceback }: TrackedPlace): string {
  return JSON.stringify([
    ...[domain, labelsText(labels)],
    traceback.frames.map((frame) => [
      frame.filename,
      frame.lineno,
      frame.column,
      frame.functionName,
    ]),
  ]);
}

/** @throws TracemallocError ERR_INVALID_ARGUMENT. */
export function requireDomain(domain: unknown): void {
  if (typeof domain === 'string' && domain !== '' && !RESERVED.includes(domain)) return;
  throw new TracemallocError(
    'ERR_INVALID_ARGUMENT',
    `domain must be a name other than 'heap' and 'buffer', which are built in, not ${shown(domain)}`,
  );
}

/** @throws TracemallocError ERR_INVALID_ARGUMENT. */
export function requireSize(size: unknown): void {
  if (typeof size === 'number' && size >= 0 && Number.isFinite(size)) return;
  throw new TracemallocError(
    'ERR_INVALID_ARGUMENT',
    `size must be a number of bytes, 0 or more, not ${shown(size)}`,
  );
}

/** The stack of the caller of `above`, at most `limit` frames of it. */
export function callerOf(above: Method, limit: number, frameAt: FrameAt): Traceback {
  return new Traceback(callSites(above, limit).map(frameAt).reverse());
}

// SPDX-License-Identifier: MIT
// Reads from the addon through the mirror: the rows of a snapshot, and the ages of their objects.
import type { Binding } from '../addon/binding.js';
import { translateErrors } from '../errors.js';
import { runThrough, type Steps } from '../host/steps.js';
import type { Age } from '../traces/age.js';
import type { Elders } from '../traces/elders.js';
import type { Traceback } from '../traces/traceback.js';
import { type Ages, withoutLeftOut } from './left-out.js';
import type { WireCounters } from './rows.js';
import type { Scripts } from './scripts.js';
import type { TraceMaker } from './trace-maker.js';
import type { Mirror } from './wire.js';

interface Source {
  readonly addon: Binding;
  readonly mirror: Mirror;
  /** The mirror's. */
  readonly scripts: Scripts;
}

export function refresh(from: Source): void {
  runThrough(refreshing(from));
}

/** As {@link refresh}, in steps. */
export function* refreshing({ addon, mirror, scripts }: Source): Steps<void> {
  mirror.finish();
  while (translateErrors(() => addon.placeNext())) yield;
  const batch = translateErrors(() => addon.takeBatch(mirror.sequence));
  scripts.add(translateErrors(() => addon.takeScripts()));
  yield* mirror.applying(batch);
}

// The mirror replaces rows and never changes them, so a shallow copy is enough.
export function readCounters(from: Source): WireCounters[] {
  refresh(from);
  return from.mirror.counters.slice();
}

/** Which ages are shown, and whether it is also said how old each site's memory is. */
export interface AskedAges extends Ages {
  readonly ages: boolean;
}

export interface AgedCounters {
  readonly counters: WireCounters[];
  /** By site; undefined where nothing lives or its age is not known. */
  readonly ages?: readonly (Age | undefined)[] | undefined;
}

/** Throws ERR_UNSUPPORTED_PRECISION if a part is to be left out and ages are not known. */
export function readAges({ addon, mirror, scripts }: Source, asked: AskedAges): AgedCounters {
  mirror.finish();
  const [batch, leftOut, sums] = translateErrors(() =>
    addon.takeAgedBatch({ acknowledged: mirror.sequence, ...asked }),
  );
  scripts.add(translateErrors(() => addon.takeScripts()));
  mirror.apply(batch);
  const counters = withoutLeftOut(mirror, leftOut, asked);
  return { counters, ages: asked.ages ? [...siteAges(sums)].map(ageOf) : undefined };
}

/** A row of `SiteAges` in native/core/site_ages.h, of a site. */
interface SiteAges extends Elders {
  readonly seconds: number;
  /** NaN: unknown. */
  readonly collections: number;
  readonly oldest: number;
}

const NUMBERS_OF_SITE = 5;

function* siteAges(sums: ArrayBuffer): Generator<SiteAges, undefined> {
  const figures = new Float64Array(sums);
  for (let at = 0; at < figures.length; at += NUMBERS_OF_SITE) {
    yield {
      size: figures[at] as number,
      variance: figures[at + 1] as number,
      seconds: figures[at + 2] as number,
      collections: figures[at + 3] as number,
      oldest: figures[at + 4] as number,
    };
  }
}

function ageOf({ size, seconds, collections, oldest }: SiteAges): Age | undefined {
  if (!(size > 0)) return undefined;
  return {
    mean: seconds / size,
    oldest,
    collections: Number.isNaN(collections) ? undefined : collections / size,
  };
}

/**
 * Live objects on the heap that existed at `mark`, the sequence of a batch, by traceback; a
 * traceback without such objects is absent. Undefined if the engine can't know. Cost: linear in the
 * number of live samples.
 */
export function readElders(
  { addon, mirror, scripts, maker }: Source & { readonly maker: TraceMaker },
  mark: number,
): ReadonlyMap<Traceback, Elders> | undefined {
  // Ids are those of the last batch, so it must have been applied.
  refresh({ addon, mirror, scripts });
  const bytes = mark === 0 ? undefined : addon.elders(mark);
  if (bytes === undefined) return undefined;
  const elders = new Map<Traceback, Elders>();
  let id = 0;
  for (const { size, variance } of siteAges(bytes)) {
    const site = size > 0 ? mirror.sites[id] : undefined;
    const traceback = site && maker.traceback(site);
    if (traceback !== undefined) elders.set(traceback, { size, variance });
    id++;
  }
  return elders;
}

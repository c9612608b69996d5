// SPDX-License-Identifier: MIT
// From the addon through the mirror: what a snapshot shows, and how old it is.
import type { Binding } from '../addon/binding.js';
import { translateErrors } from '../errors.js';
import { runThrough, type Steps } from '../host/steps.js';
import type { Traceback } from '../traces/traceback.js';
import { withoutNewborns } from './newborns.js';
import type { WireCounters } from './rows.js';
import type { TraceMaker } from './trace-maker.js';
import type { Mirror } from './wire.js';

interface Source {
  readonly addon: Binding;
  readonly mirror: Mirror;
}

export function refresh(from: Source): void {
  runThrough(refreshing(from));
}

/** As {@link refresh}, in steps. */
export function* refreshing({ addon, mirror }: Source): Steps<void> {
  mirror.finish();
  while (translateErrors(() => addon.placeNext())) yield;
  yield* mirror.applying(translateErrors(() => addon.takeBatch(mirror.sequence)));
}

// The mirror replaces rows and never changes them: a shallow copy stays as it is.
export function readCounters(from: Source): WireCounters[] {
  refresh(from);
  return from.mirror.counters.slice();
}

export function readSurvivors({ addon, mirror }: Source): WireCounters[] {
  mirror.finish();
  const [batch, newborns] = translateErrors(() => addon.takeBatchAndNewborns(mirror.sequence));
  mirror.apply(batch);
  return withoutNewborns(mirror, newborns);
}

/**
 * Live bytes on the heap by traceback, of what was there at `mark`, which is a batch's sequence; a
 * traceback that is not in it has none. Undefined where that can't be told. Cost: linear in the
 * number of live samples.
 */
export function readElders(
  { addon, mirror, maker }: Source & { readonly maker: TraceMaker },
  mark: number,
): ReadonlyMap<Traceback, number> | undefined {
  // Ids are those of the last batch: it must be there.
  refresh({ addon, mirror });
  const bytes = mark === 0 ? undefined : addon.elderSizes(mark);
  if (bytes === undefined) return undefined;
  const sizes = new Map<Traceback, number>();
  new Float64Array(bytes).forEach((size, id) => {
    const site = size > 0 ? mirror.sites[id] : undefined;
    const traceback = site && maker.traceback(site);
    if (traceback !== undefined) sizes.set(traceback, size);
  });
  return sizes;
}

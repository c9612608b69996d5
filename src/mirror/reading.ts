// SPDX-License-Identifier: MIT
// Reads from the addon through the mirror: the rows of a snapshot, and the ages of their objects.
import type { Binding } from '../addon/binding.js';
import { translateErrors } from '../errors.js';
import { runThrough, type Steps } from '../host/steps.js';
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

/** Throws ERR_UNSUPPORTED_PRECISION if the ages of objects are not known. */
export function readAges({ addon, mirror, scripts }: Source, ages: Ages): WireCounters[] {
  mirror.finish();
  const [batch, leftOut] = translateErrors(() =>
    addon.takeBatchAndLeftOut({ acknowledged: mirror.sequence, ...ages }),
  );
  scripts.add(translateErrors(() => addon.takeScripts()));
  mirror.apply(batch);
  return withoutLeftOut(mirror, leftOut, ages);
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
  const figures = new Float64Array(bytes);
  for (let id = 0; id < figures.length / 2; id++) {
    const [size, variance] = [figures[2 * id] as number, figures[2 * id + 1] as number];
    const site = size > 0 ? mirror.sites[id] : undefined;
    const traceback = site && maker.traceback(site);
    if (traceback !== undefined) elders.set(traceback, { size, variance });
  }
  return elders;
}

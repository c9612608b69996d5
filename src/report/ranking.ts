// SPDX-License-Identifier: MIT
// Which sites a report lists: what holds the memory, and what grows.

/** The figures by which sites are ranked. */
export interface Ranked {
  readonly size: number;
  readonly sizeDiff: number;
  readonly sizeDiffSinceStart: number;
}

/**
 * At most `limit` of the sites, those of most interest first: `first`, then in turn the largest,
 * the one that grew most since the last report, and the one that grew most since the start.
 */
export function inOrderOfInterest<T extends Ranked>(
  sites: readonly T[],
  limit: number,
  first: readonly T[] = [],
): T[] {
  const rankings = [
    largest(sites, limit, ({ size }) => size),
    largest(sites, limit, ({ sizeDiff }) => sizeDiff),
    largest(sites, limit, ({ sizeDiffSinceStart }) => sizeDiffSinceStart),
  ];
  const inTurn = Array.from({ length: limit }, (_, rank) => rankings.map((list) => list[rank]));
  const all = [...first, ...inTurn.flat()].filter((site) => site !== undefined);
  return [...new Set(all)].slice(0, limit);
}

/** The `limit` items with the largest positive figures, largest first. */
export function largest<T>(items: Iterable<T>, limit: number, figure: (item: T) => number): T[] {
  const kept: { item: T; value: number }[] = [];
  for (const item of items) {
    const value = figure(item);
    const least = kept.length < limit ? 0 : (kept.at(-1)?.value ?? 0);
    if (Math.round(value) <= 0 || value <= least) continue;
    const at = kept.findIndex((other) => other.value < value);
    kept.splice(at === -1 ? kept.length : at, 0, { item, value });
    if (kept.length > limit) kept.pop();
  }
  return kept.map(({ item }) => item);
}

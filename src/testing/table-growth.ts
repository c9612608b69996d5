// SPDX-License-Identifier: MIT
// Tables that grow without growing in each block of runs: what holds only numbers, such as an array,
// a Set or an object with many keys, is reallocated when it is full, half as large again or twice as
// large. Pure.
import { bySite, type SiteOptions } from '../report/groupings.js';
import type { Snapshot } from '../snapshot/snapshot.js';

// Tables of Maps and Sets are of the last.
const TABLES: readonly string[] = ['(array)', '(object properties)', '(system)'];

/** V8's smallest step is by a half; other objects of the line may be in the sum. */
const STEP = 1.25;

/** So many steps in the first window make it worth to look on, and so many in all are growth. */
const FIRST_STEPS = 2;
const ALL_STEPS = 3;

export class TableGrowth {
  readonly #charge: ReturnType<typeof bySite>;
  /** By the id of the site, a size for each observation. */
  readonly #sizes = new Map<string, number[]>();
  #observations = 0;
  /** The observation at which the second window begins. */
  #second = 0;

  constructor(grouping: SiteOptions) {
    this.#charge = bySite(grouping);
  }

  /** In each window before the first block and after each. */
  observe(snapshot: Snapshot): void {
    for (const trace of snapshot.traces) {
      const tables = trace.types.filter(({ type }) => TABLES.includes(type));
      if (tables.length === 0) continue;
      for (const { key } of this.#charge(trace)) {
        const id = `${trace.domain}\n${key}`;
        const sizes = this.#sizes.get(id) ?? [];
        this.#sizes.set(id, sizes);
        while (sizes.length <= this.#observations) sizes.push(0);
        sizes[this.#observations] = tables.reduce(
          (sum, { size }) => sum + size,
          sizes[this.#observations] as number,
        );
      }
    }
    this.#observations++;
  }

  /** Sites that may be growing, when the first window ends. */
  candidates(): ReadonlySet<string> {
    this.#second = this.#observations;
    return this.#having((sizes) => steps(sizes) >= FIRST_STEPS);
  }

  /** Sites that have grown in both windows. */
  grown(): ReadonlySet<string> {
    return this.#having(
      (sizes) => steps(sizes) >= ALL_STEPS && steps(sizes.slice(this.#second)) > 0,
    );
  }

  #having(matches: (sizes: readonly number[]) => boolean): ReadonlySet<string> {
    const found = [...this.#sizes].filter(
      ([, sizes]) => sizes.length === this.#observations && matches(sizes),
    );
    return new Set(found.map(([id]) => id));
  }
}

/** How often it has become larger by a step; 0 if it has ever become smaller. */
function steps(sizes: readonly number[]): number {
  let count = 0;
  for (let i = 1; i < sizes.length; i++) {
    const [before, now] = [sizes[i - 1] as number, sizes[i] as number];
    if (now < before) return 0;
    if (before > 0 && now >= STEP * before) count++;
  }
  return count;
}

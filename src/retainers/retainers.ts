// SPDX-License-Identifier: MIT
// What a search for retainers has found.
import { retainerLines } from '../text/retainer-tree.js';
import type { RetainersText } from '../text/retainers-text.js';
import { type RetainerStep, stepText } from './steps.js';

/** Samples that are held in the same way. */
export interface RetainerPath {
  /** Samples. */
  readonly count: number;
  /** From what usually lives as long as the program, or from native code, to the object. */
  readonly steps: readonly RetainerStep[];
}

/** The result of {@link findRetainers}. `String(retainers)` is a tree for people. */
export class Retainers {
  /** Objects that were looked at, each a sample of its line. */
  readonly samples: number;
  /** Shortest paths, merged where their steps are the same; most samples first. */
  readonly paths: readonly RetainerPath[];
  /**
   * Samples without a path in a complete search during which no garbage collection ran: garbage that
   * no collection has found yet, or what only native code, the stack of a running function, a
   * FinalizationRegistry, or what V8 has learnt about a function holds. The program may have moved a
   * reference during the search so that it was missed.
   */
  readonly unheld: number;
  /**
   * Samples of which nothing is sure: they died, a garbage collection moved objects during the
   * search, a limit ended it before a path to them was found or checked, or not all that may hold
   * them was looked at.
   */
  readonly changed: number;
  /**
   * `complete`; or the limit that ended the search: samples that had no path until then are in
   * `changed`. `timeout` also if 64 readings of the heap were not enough, `memory` also if the paths
   * were too long: more than 65,536 references together.
   */
  readonly end: 'complete' | 'timeout' | 'memory';
  /** How long the search took, ms. */
  readonly duration: number;
  /** Longest time for which the search kept the event loop busy at once, ms. */
  readonly blocked: number;

  /** For this package only. */
  constructor(
    found: Pick<Retainers, 'unheld' | 'changed' | 'end' | 'duration' | 'blocked'> & {
      readonly found: readonly (readonly RetainerStep[])[];
    },
  ) {
    this.paths = merged(found.found);
    this.samples = found.found.length + found.unheld + found.changed;
    this.unheld = found.unheld;
    this.changed = found.changed;
    this.end = found.end;
    this.duration = found.duration;
    this.blocked = found.blocked;
  }

  /** A tree: each line holds what is below it; shares are of all samples. */
  toString(): string {
    return retainerLines(textsOf(this)).join('\n');
  }
}

/** The same with a text for each step. */
export function textsOf({ samples, unheld, changed, end, paths }: Retainers): RetainersText {
  const texts = paths.map(({ count, steps }) => ({ count, steps: steps.map(stepText) }));
  return { samples, unheld, changed, end, paths: texts };
}

function merged(found: readonly (readonly RetainerStep[])[]): RetainerPath[] {
  const byText = new Map<string, { count: number; steps: readonly RetainerStep[] }>();
  for (const steps of found) {
    const text = JSON.stringify(steps.map(stepText));
    const known = byText.get(text);
    if (known === undefined) byText.set(text, { count: 1, steps });
    else known.count++;
  }
  return [...byText.values()].sort((a, b) => b.count - a.count);
}

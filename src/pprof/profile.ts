// SPDX-License-Identifier: MIT
// Shared by encoder and decoder: names inside our profiles. Comments that begin with # are kept by
// every pprof tool and shown by none.
import type { SnapshotFacts } from '../traces/facts.js';
import type { Frame } from '../traces/frame.js';
import type { Trace } from '../traces/trace.js';

/** A trace's whole number less those of its types, which, rounded one by one, can exceed it. */
export function restOf({ types }: Pick<Trace, 'types'>, rest: number): number {
  return types.length > 0 ? Math.max(0, rest) : rest;
}

/** In the order of Go's heap profiles. */
export const SAMPLE_TYPES = [
  ['alloc_objects', 'count'],
  ['alloc_space', 'bytes'],
  ['inuse_objects', 'count'],
  ['inuse_space', 'bytes'],
] as const;

/** A JSON object of {@link StoredFacts} follows. */
export const FACTS_COMMENT = '#tracemalloc ';

/**
 * One per trace, in the order of the samples; a JSON array of numbers follows: size, count,
 * allocatedSize, allocatedCount (null: unknown), samples, variance, totalFrames (0: unknown), then
 * size and count of each type. pprof's own values are whole numbers, estimates are not.
 */
export const FIGURES_COMMENT = '#trace ';

export const FIXED_FIGURES = 7;

/**
 * One per trace, in their order, if the age of any is known; a JSON array of numbers follows: mean,
 * oldest, collections (null: unknown); or an empty one: the age is not known.
 */
export const AGE_COMMENT = '#age ';

/**
 * Replaces an empty name, which pprof tools show badly; its empty system name distinguishes it.
 * pprof merges functions of one name, whatever their files, so the name has the place.
 */
export function anonymousName({ lineno, column }: Pick<Frame, 'lineno' | 'column'>): string {
  if (lineno === 0) return '(anonymous)';
  return column === 0 ? `(anonymous:${lineno})` : `(anonymous:${lineno}:${column})`;
}

/** Whether it is a name by {@link anonymousName}, if the system name is empty. */
export function isAnonymousName(name: string): boolean {
  return /^\(anonymous(:\d+){0,2}( .*)?\)$/.test(name);
}

export interface StoredFacts extends SnapshotFacts {
  readonly version: 1;
  readonly traces: number;
  /** Ids of locations whose line is not exact. */
  readonly approximate: readonly number[];
}

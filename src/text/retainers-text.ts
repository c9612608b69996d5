// SPDX-License-Identifier: MIT
// What a search for retainers has found, as texts: in answers of the endpoint, reports and dumps.
import { plainName } from './plain-text.js';

/** Samples that are held in the same way. */
export interface RetainerPathText {
  /** Samples. */
  readonly count: number;
  /** From what lives as long as the program to the object, a text each. */
  readonly steps: readonly string[];
}

/** What holds samples of a line. Names only, never a value. */
export interface RetainersText {
  /** Objects that were looked at. */
  readonly samples: number;
  /** Those without a path. */
  readonly unheld: number;
  /** Those of which nothing is sure. */
  readonly changed: number;
  /** `complete`, or the limit that ended the search. */
  readonly end: 'complete' | 'timeout' | 'memory';
  /** Most samples first. */
  readonly paths: readonly RetainerPathText[];
}

/** What holds the objects of a line, or of the lines of a row. */
export interface SiteRetainers extends RetainersText {
  /** The line, with its whole path. */
  readonly site: string;
  /** Live bytes, an estimate. */
  readonly size: number;
  /** Live samples, of which `samples` were looked at. */
  readonly liveSamples: number;
}

/** What a search has found, as snapshots keep it. */
export interface KeptRetainers extends SiteRetainers {
  /** When, ms since the epoch. */
  readonly time: number;
}

const MOST_PATHS = 3;
const MOST_STEPS = 24;
/** Characters of a step. */
const LONGEST_STEP = 160;

/**
 * The paths with most samples, without the middle of very long ones: what is kept, and written to a
 * line of a log.
 */
export function brief<T extends RetainersText>(found: T): T {
  const paths = found.paths.slice(0, MOST_PATHS).map(({ count, steps }) => ({
    count,
    steps: ends(steps, MOST_STEPS).map((step) => plainName(step, LONGEST_STEP)),
  }));
  return { ...found, paths };
}

/** At most so many steps, without those in the middle. */
export function ends(steps: readonly string[], most: number): readonly string[] {
  if (steps.length <= most) return steps;
  const half = most / 2;
  return [...steps.slice(0, half), '…', ...steps.slice(1 - half)];
}

const FIGURES = ['size', 'liveSamples', 'samples', 'unheld', 'changed'] as const;
const ENDS: readonly unknown[] = ['complete', 'timeout', 'memory'] satisfies RetainersText['end'][];

/** Whether a value that somebody else may have made is what it should be. */
export function isSiteRetainers(value: unknown): value is SiteRetainers {
  const given = value as { readonly [K in keyof SiteRetainers]?: unknown } | null;
  return (
    typeof given?.site === 'string' &&
    FIGURES.every((key) => Number.isFinite(given[key])) &&
    ENDS.includes(given.end) &&
    Array.isArray(given.paths) &&
    given.paths.every(isPath)
  );
}

function isPath(value: unknown): boolean {
  const given = value as { readonly count?: unknown; readonly steps?: unknown } | null;
  const { count, steps } = given ?? {};
  return (
    Number.isFinite(count) &&
    Array.isArray(steps) &&
    steps.every((step) => typeof step === 'string')
  );
}

/** The same for display: nothing else than it should have, and invisible characters are escaped. */
export function plainSiteRetainers(given: SiteRetainers): SiteRetainers {
  const { size, liveSamples, samples, unheld, changed, end } = given;
  const paths = given.paths.map(({ count, steps }) => ({
    count,
    steps: steps.map((step) => plainName(step)),
  }));
  return {
    site: plainName(given.site),
    ...{ size, liveSamples, samples, unheld, changed, end, paths },
  };
}

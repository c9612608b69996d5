// SPDX-License-Identifier: MIT
// Types for the mirror's rows: a site, its frames and its counters.
import type { Trace } from '../traces/trace.js';
import type { Traceback } from '../traces/traceback.js';
import type { Script } from './scripts.js';

export const DOMAINS = ['heap', 'buffer'] as const;

export interface WireFrame {
  readonly functionName: string;
  readonly filename: string;
  readonly line: number;
  readonly column: number;
  readonly isApproximate: boolean;
  readonly isNative: boolean;
  /** The column is that of another place on the line. */
  readonly isNearColumn: boolean;
  /** Undefined: nothing is known of its text but its name. */
  readonly script?: Script | undefined;
}

export interface WireCounters {
  readonly liveSamples: number;
  readonly liveSize: number;
  readonly liveCount: number;
  readonly liveVariance: number;
  /** NaN: unknown. */
  readonly allocatedSize: number;
  readonly allocatedCount: number;
  readonly types: readonly { type: string; size: number; count: number }[];
}

/** The same object for as long as the addon has the site, even if its id changes. */
export interface WireSite {
  readonly domain: (typeof DOMAINS)[number];
  /** The number of its labels; 0: none. */
  readonly labels: number;
  /** Innermost first. */
  readonly frames: readonly WireFrame[];
  /** 0: unknown. */
  readonly totalFrames: number;
  /** Kept here by the trace maker. */
  shown?: Shown;
}

/** What the trace maker has made of a site. */
export interface Shown {
  /** Undefined: the tracker itself allocated there. */
  readonly traceback: Traceback | undefined;
  /** The row shown last. */
  row?: WireCounters;
  trace?: Trace | undefined;
}

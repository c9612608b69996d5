// SPDX-License-Identifier: MIT
import type { SourceMapCounts } from './mirror/source-maps.js';

export type { SourceMapCounts };

import type { Domain } from './options.js';
import type { Sampling } from './traces/sampling.js';

/** The result of `status()`. */
export interface Status {
  /** As `isTracing()`. */
  readonly tracing: boolean;
  /**
   * `'allocation-hook'`, `'public-sampler'` (V8's own), `'inspector'` (the same without the addon),
   * `'buffer-hook'` when the heap is not traced, or `''` when nothing is.
   */
  readonly engine: string;
  /** How exactly frames are known; undefined when not tracing. */
  readonly precision: 'line' | 'function' | undefined;
  /** Why the precision is not better; empty when it can't be. */
  readonly reason: string;
  /**
   * True: other code stopped our sampler, so the figures stay as they are until `stop()` and
   * `start()`.
   */
  readonly lost: boolean;
  /**
   * Mean bytes between samples of the heap, or of buffers if only these are traced; 0 when not
   * tracing. With `'auto'` it is the interval now.
   */
  readonly sampleInterval: number;
  /** How the interval is tuned, and what sampling costs; undefined: not tracing, or V8's sampler. */
  readonly sampling: Sampling | undefined;
  /** As `getTracebackLimit()`. */
  readonly tracebackLimit: number;
  /** The domains that are traced; `reason` says why others that were requested are not. */
  readonly domains: readonly Domain[];
  /**
   * Garbage collections of the whole heap since `start()`; with the engine `inspector` at most one is
   * counted between two readings.
   */
  readonly fullCollections: number;
  /**
   * Bytes of objects that the last of these left of the heap, exact; undefined: there was none, or
   * the engine is `inspector`.
   */
  readonly heapAfterCollection: number | undefined;
  /** Live samples held. */
  readonly samples: number;
  /** Distinct stacks held: those with live memory, and some of the most recent others. */
  readonly sites: number;
  /** Number of samples that could not be recorded properly, for whatever reason. */
  readonly dropped: number;
  /** Scripts shown through their source map, and those whose map can't be used. */
  readonly sourceMaps: SourceMapCounts;
  /** Counters of every kind of loss, by name. */
  readonly diagnostics: Readonly<Record<string, number>>;
  /** Versions of the running Node. */
  readonly versions: {
    /** As `process.version`. */
    readonly node: string;
    /** Its V8's version. */
    readonly v8: string;
    /** As `process.versions.modules`: each binary is built for one ABI. */
    readonly abi: string;
  };
}

/** Traced memory in bytes; estimates. */
export interface TracedMemory {
  /** Live now. */
  readonly current: number;
  /** The most that was live since start, clear or `resetPeak()`. */
  readonly peak: number;
}

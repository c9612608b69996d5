// SPDX-License-Identifier: MIT
// The one table of options, with ranges and defaults, and what start() and takeSnapshot() accept.
import { bytes, checkOptions, duration, flag, integer, someOf, word } from './rules.js';
import { KEY_TYPES } from './snapshot/grouping.js';

/**
 * A kind of memory: objects of V8's heap, or what Buffers, ArrayBuffers and compression streams
 * hold outside of it.
 */
export type Domain = 'heap' | 'buffer';

/**
 * How exactly a frame is known: its line, or only its function (the line is the function's first).
 */
export type Precision = 'line' | 'function';

/** What {@link start} accepts. */
export interface StartOptions {
  /** Frames kept of each stack, innermost first. 1 to 128; default 16. */
  tracebackLimit?: number;
  /**
   * Mean bytes between two samples. At least 1, which is every allocation; default 524288. Smaller
   * is more exact and costs more. For buffers and streams, unless it is 1, it rises by itself while
   * there are more samples a second than 100 MiB would give (at least 200, at most 2000);
   * `status().diagnostics.bufferInterval` is that of buffers.
   */
  sampleInterval?: number;
  /** Kinds of memory to trace. Default: `['heap', 'buffer']`. */
  domains?: readonly Domain[];
  /**
   * `'auto'` (default): the best that this Node allows, and `status()` says which; `'line'`:
   * `start()` throws if it is not available; `'function'`: V8's own sampler.
   */
  precision?: 'auto' | Precision;
  /** Show positions through source maps when a script has one. Default true. */
  sourceMaps?: boolean;
}

export type ResolvedOptions = Required<StartOptions>;

/** What {@link takeSnapshot} accepts. */
export interface SnapshotOptions {
  /**
   * Also read the memory ledger of the process, as `getMemoryLedger()` does, into
   * `snapshot.process.ledger`. Costs some milliseconds. Default false.
   */
  ledger?: boolean;
  /**
   * Leave out what has not yet survived a garbage collection, such as recent garbage: keep an
   * object only if a collection that could have freed it has begun since its allocation. That is
   * any collection for new objects, and a full one for those that V8 puts into its old generation
   * at once (symbols, and objects of optimized code whose predecessors tended to live long).
   * Buffers, streams, and memory that the application tracks itself, stay. No garbage collection is
   * forced. Default false.
   */
  survivors?: boolean;
}

export const DOMAINS = ['heap', 'buffer'] as const satisfies readonly Domain[];

/** One rule per option, for the API, the environment, the command line and HTTP endpoints. */
export const OPTIONS = {
  tracebackLimit: integer({ least: 1, most: 128, standard: 16 }),
  sampleInterval: bytes({ standard: 512 * 1024 }),
  domains: someOf<Domain>(DOMAINS),
  precision: word(['auto', 'line', 'function']),
  sourceMaps: flag(true),
  ledger: flag(false),
  survivors: flag(false),
  /** Between two reports, or two profiles that are sent. */
  every: duration('60s'),
  /** Rows of each list of a report. */
  top: integer({ least: 1, most: 1000, standard: 10 }),
  /** What sites are grouped by. */
  keyType: word(KEY_TYPES),
  /** How a report is written. */
  format: word(['json', 'text']),
  heapLimit: flag(true),
  reportAtExit: flag(false),
  /** Sites with metrics of their own. */
  topMetrics: integer({ least: 0, most: 100, standard: 10 }),
  /** How long to wait for other threads' answers. */
  answerTimeout: duration('5s'),
  /** For one attempt to send a profile. */
  sendTimeout: duration('10s'),
  /** Profiles that wait to be sent. */
  queue: integer({ least: 1, most: 1000, standard: 10 }),
} as const;

/**
 * Checks what a caller gave to `start()` and fills in defaults.
 *
 * @throws TracemallocError ERR_INVALID_OPTION for unknown keys, wrong types and values out of
 *   range.
 */
export function resolveOptions(given: StartOptions | number | undefined): ResolvedOptions {
  const { tracebackLimit, sampleInterval, domains, precision, sourceMaps } = OPTIONS;
  const rules = { tracebackLimit, sampleInterval, domains, precision, sourceMaps };
  const options = typeof given === 'number' ? { tracebackLimit: given } : given;
  return checkOptions(rules, options, 'an object or a traceback limit');
}

/** The same for `takeSnapshot()`. */
export function resolveSnapshotOptions(
  given: SnapshotOptions | undefined,
): Required<SnapshotOptions> {
  const { ledger, survivors } = OPTIONS;
  return checkOptions({ ledger, survivors }, given);
}

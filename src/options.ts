// SPDX-License-Identifier: MIT
// The one table of options: what start() accepts, with ranges and defaults.
import { shown, TracemallocError } from './errors.js';

/**
 * A kind of memory: objects of V8's heap, or what Buffers, ArrayBuffers and compression streams hold
 * outside of it.
 */
export type Domain = 'heap' | 'buffer';

/** How exactly a frame is known: its line, or only its function (the line is the function's first). */
export type Precision = 'line' | 'function';

/** What {@link start} accepts. */
export interface StartOptions {
  /** Frames kept of each stack, innermost first. 1 to 128; default 16. */
  tracebackLimit?: number;
  /**
   * Mean bytes between two samples. At least 1, which is every allocation; default 524288.
   * Smaller is more exact and dearer. For buffers and streams, unless it is 1, it rises by itself
   * while more samples come in a second than 100 MiB would bring (at least 200, at most 2000);
   * `status().diagnostics.bufferInterval` is that of buffers.
   */
  sampleInterval?: number;
  /** Kinds of memory to trace. Default: `['heap', 'buffer']`. */
  domains?: readonly Domain[];
  /**
   * `'auto'` (default): the best this Node allows, and `status()` says which; `'line'`: throws when
   * it can't be had; `'function'`: V8's own sampler.
   */
  precision?: 'auto' | Precision;
  /** Show positions through source maps when a script has one. Default true. */
  sourceMaps?: boolean;
}

export type ResolvedOptions = Required<StartOptions>;

/** What {@link takeSnapshot} accepts. */
export interface SnapshotOptions {
  /**
   * Read where the whole process's memory is, too, as `getMemoryLedger()` does: then
   * `snapshot.process.ledger` is there. Costs some milliseconds. Default false.
   */
  ledger?: boolean;
  /**
   * Leave out what has not yet survived a garbage collection, such as the garbage of the last
   * moments: keep what was there when a collection that could have freed it began, and is there
   * still. That is any collection for new objects, and a full one for those that V8 puts into its
   * old generation at once (symbols, and what optimized code makes where objects tended to live
   * long). Buffers, streams, and memory that the application tracks itself, stay. No collection is
   * forced.
   * Default false.
   */
  survivors?: boolean;
}

interface Rule<T> {
  readonly default: T;
  /** What a valid value is, for messages. */
  readonly expects: string;
  readonly accepts: (value: unknown) => boolean;
}

export const DOMAINS: readonly Domain[] = ['heap', 'buffer'];
const PRECISIONS: readonly unknown[] = ['auto', 'line', 'function'];

type Rules<T> = { readonly [K in keyof T]: Rule<T[K]> };

const RULES: Rules<ResolvedOptions> = {
  tracebackLimit: {
    default: 16,
    expects: 'an integer from 1 to 128',
    accepts: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 128,
  },
  sampleInterval: {
    default: 512 * 1024,
    expects: 'a number of bytes from 1 to 2147483647',
    accepts: (value) => typeof value === 'number' && value >= 1 && value <= 0x7fffffff,
  },
  domains: {
    default: DOMAINS,
    expects: "a non-empty array of 'heap' and 'buffer'",
    accepts: (value) =>
      Array.isArray(value) && value.length > 0 && value.every((domain) => DOMAINS.includes(domain)),
  },
  precision: {
    default: 'auto',
    expects: "'auto', 'line' or 'function'",
    accepts: (value) => PRECISIONS.includes(value),
  },
  sourceMaps: {
    default: true,
    expects: 'a boolean',
    accepts: (value) => typeof value === 'boolean',
  },
};

const SNAPSHOT_RULES: Rules<Required<SnapshotOptions>> = {
  ledger: {
    default: false,
    expects: 'a boolean',
    accepts: (value) => typeof value === 'boolean',
  },
  survivors: {
    default: false,
    expects: 'a boolean',
    accepts: (value) => typeof value === 'boolean',
  },
};

/**
 * Validates what a caller gave to `start()` and fills in defaults.
 *
 * @throws TracemallocError ERR_INVALID_OPTION for unknown keys, wrong types and values out of range.
 */
export function resolveOptions(given: StartOptions | number | undefined): ResolvedOptions {
  if (typeof given === 'number') return resolve(RULES, { tracebackLimit: given });
  return resolve(RULES, asObject(given, 'an object or a traceback limit'));
}

/** The same for `takeSnapshot()`. */
export function resolveSnapshotOptions(
  given: SnapshotOptions | undefined,
): Required<SnapshotOptions> {
  return resolve(SNAPSHOT_RULES, asObject(given, 'an object'));
}

/**
 * For functions that check the values themselves: a misspelt `tokens` must not leave a door open.
 *
 * @throws TracemallocError ERR_INVALID_OPTION unless it is an object with keys of these only.
 */
export function requireKnownOptions(given: unknown, known: readonly string[]): void {
  const unknown = Object.keys(asObject(given, 'an object')).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new TracemallocError(
    'ERR_INVALID_OPTION',
    `unknown option ${shown(unknown)}; known are ${known.join(', ')}`,
  );
}

function resolve<T>(rules: Rules<T>, given: object): T {
  const options: Record<string, unknown> = { ...given };
  requireKnownOptions(options, Object.keys(rules));
  const resolved: Record<string, unknown> = {};
  for (const [key, rule] of Object.entries<Rule<unknown>>(rules)) {
    const value = options[key];
    if (value !== undefined && !rule.accepts(value)) {
      throw new TracemallocError(
        'ERR_INVALID_OPTION',
        `${key} must be ${rule.expects}, not ${shown(value)}`,
      );
    }
    resolved[key] = value ?? rule.default;
  }
  return resolved as T;
}

function asObject(given: unknown, expected: string): object {
  if (given === undefined) return {};
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given;
  throw new TracemallocError(
    'ERR_INVALID_OPTION',
    `options must be ${expected}, not ${shown(given)}`,
  );
}

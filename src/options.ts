// SPDX-License-Identifier: MIT
// The one table of options, with ranges and defaults, and what start() and takeSnapshot() accept.
import {
  amount,
  bytes,
  bytesOrAuto,
  checkOptions,
  duration,
  flag,
  integer,
  limitOrAuto,
  objectOf,
  percents,
  someOf,
  word,
} from './rules.js';
import { KEY_TYPES } from './snapshot/grouping.js';
import { FRAMES, FRAMES_MEANING } from './traces/charge.js';

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
  /** Frames kept of each stack, innermost first. 1 to 128; default 96. */
  tracebackLimit?: number;
  /**
   * Mean bytes between two samples. Default `'auto'`: it begins at 16 KiB, and is tuned all the
   * time so that sampling takes at most 1 % of the thread's CPU time in the long run, and that at
   * most 32,768 samples of objects (and 8,192 of buffers) are left when garbage is collected;
   * `status().sampling` has the current figures. V8's own sampler, which function precision uses,
   * can't be tuned, and takes 512 KiB (without the addon 524,160 bytes, see docs/without-addon.md).
   * A number, or a text such as `'64KiB'` or `'1MiB'`, fixes it: at least 1, which is every
   * allocation. A smaller interval is more exact and costs more; with a fixed one, the number of
   * live samples is not bounded. For compression streams the interval rises while there are too
   * many samples a second, unless it is 1.
   */
  sampleInterval?: number | string;
  /** Kinds of memory to trace. Default: `['heap', 'buffer']`. */
  domains?: readonly Domain[];
  /**
   * `'auto'` (default): the best that this Node allows, and `status()` says which; `'line'`:
   * `start()` throws if it is not available; `'function'`: V8's own sampler.
   */
  precision?: 'auto' | Precision;
  /** Show positions through source maps when a script has one. Default true. */
  sourceMaps?: boolean;
  /**
   * Give what HTTP requests allocate the label `route`, such as `GET /users/:id`: for Node's HTTP
   * and HTTP/2 servers, Express and Fastify, see `label`. Default false.
   */
  routes?: boolean;
}

export type ResolvedOptions = Required<Omit<StartOptions, 'sampleInterval'>> & {
  /** Bytes. */
  readonly sampleInterval: number | 'auto';
};

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
   * Buffers, streams, and memory that the application tracks itself, are kept. No garbage
   * collection is forced. Default false.
   */
  survivors?: boolean;
  /**
   * Also say how old what lives is: `trace.age` and `statistic.age`, of what the other options leave.
   * Absent, never zero, where it is not known: at function precision of all but Buffers, and of memory
   * that is in no site. Costs a visit of each live sample, less than 1 ms for 32,768, and a new object for
   * each trace, which otherwise is that of the last snapshot if nothing has changed. Default false.
   */
  ages?: boolean;
  /**
   * Leave out what existed at this earlier snapshot of this thread: what is left was allocated since
   * then. Without what `track()` recorded, streams, and memory that is in no site, since their age is
   * not known, and without `allocatedSize`. Default: no limit.
   */
  since?: EarlierSnapshot;
  /** Leave out what did not exist yet at this one, likewise. Default: no limit. */
  until?: EarlierSnapshot;
}

/** A snapshot that `takeSnapshot()` has returned since tracing began or was cleared. */
export interface EarlierSnapshot {
  /** ms since the epoch. */
  readonly timestamp: number;
}

export const DOMAINS = ['heap', 'buffer'] as const satisfies readonly Domain[];

/** Bytes between samples where `'auto'` is asked for and the interval can't be tuned. */
export const UNTUNED_INTERVAL = 512 * 1024;

/** One rule per option, for the API, the environment, the command line and HTTP endpoints. */
export const OPTIONS = {
  tracebackLimit: integer({ least: 1, most: 128, standard: 96 }),
  sampleInterval: bytesOrAuto(),
  domains: someOf<Domain>(DOMAINS),
  precision: word(['auto', 'line', 'function']),
  sourceMaps: flag(true),
  routes: flag(false),
  ledger: flag(false),
  survivors: flag(false),
  ages: flag(false),
  earlier: objectOf<EarlierSnapshot>('an earlier snapshot of this thread'),
  /** The time between two reports, or between two profiles that are sent. */
  every: duration('60s'),
  /** Sites in a report. By default as many as fit into a log line of 4 KB where paths are long. */
  top: integer({ least: 1, most: 1000, standard: 8 }),
  /** Rows of a table of the command. */
  topRows: integer({ least: 1, most: 1000, standard: 10 }),
  /** What sites are grouped by. */
  keyType: word(KEY_TYPES),
  /**
   * Which frame of a stack is charged in reports; methods that Python has, too, have another
   * default.
   */
  frames: word(FRAMES),
  /** How a report is written. */
  format: word(['json', 'text', 'md']),
  /** The format of what can't be written as Markdown. */
  plainFormat: word(['json', 'text']),
  /** The format of what the command prints. */
  viewFormat: word(['text', 'md']),
  /** By what the command's rows are sorted. */
  sort: word(['size', 'churn', 'age']),
  /** The format of the file of `tracemalloc report`. */
  fileFormat: word(['html', 'md']),
  /** Whether reports say what holds the objects of suspects. */
  suspectRetainers: word(['off', 'suspects']),
  heapLimit: flag(true),
  /** The limit of the process's memory: bytes of RSS, or that of its control groups. */
  processLimit: limitOrAuto(),
  /** Percentages of that limit at which to report. */
  memoryMarks: percents([80, 90, 95]),
  reportAtExit: flag(false),
  /** Sites with metrics of their own. */
  topMetrics: integer({ least: 0, most: 100, standard: 10 }),
  /** How long to wait for other threads' answers. */
  answerTimeout: duration('5s'),
  /** How long a process that is attached to may take to answer. */
  attachTimeout: duration('10s'),
  /** How long an attached process is traced before a search for what holds objects. */
  tracedBefore: duration('20s'),
  /** The time between two readings of the terminal view. */
  liveEvery: duration('2s', { least: '100ms' }),
  /** The time between the two snapshots that one request of an MCP client compares. */
  apart: duration('10s', { most: '10m' }),
  /** The time limit of one attempt to send a profile. */
  sendTimeout: duration('10s'),
  /** The number of objects that a search for what holds them looks at. */
  samples: integer({ least: 1, most: 1000, standard: 20 }),
  /** The time limit of such a search. */
  searchTimeout: duration('30s'),
  /** Memory that such a search may use. */
  memoryLimit: bytes('256MiB'),
  /** The protocol of the server to which profiles are sent. */
  protocol: word(['pyroscope', 'otlp']),
  /** How many profiles may wait to be sent. */
  queue: integer({ least: 1, most: 1000, standard: 10 }),
  /** How often a test's body runs before its memory is compared. */
  warmup: integer({ least: 0, most: 1_000_000, standard: 10 }),
  /** How often it runs while its memory is compared. */
  runs: integer({ least: 6, most: 1_000_000, standard: 60 }),
  /** How much a line may grow during these runs, in bytes. */
  maxBytes: amount('0'),
  /**
   * The most time that a measurement of a test may take, and that it waits for one other
   * measurement.
   */
  measureTimeout: duration('60s'),
  /** Whether a failing test searches for what holds the memory. */
  retainers: flag(true),
} as const;

/** The meaning of the option `frames`, wherever it is given as text. */
export const FRAMES_HELP = `whose line is charged: ${Object.entries(FRAMES_MEANING)
  .map(([word, meaning]) => `${word}, ${meaning}`)
  .join('; ')}`;

/**
 * Checks what a caller gave to `start()` and fills in defaults.
 *
 * @throws TracemallocError ERR_INVALID_OPTION for unknown keys, wrong types and values out of
 *   range.
 */
export function resolveOptions(given: StartOptions | number | undefined): ResolvedOptions {
  const { tracebackLimit, sampleInterval, domains, precision, sourceMaps, routes } = OPTIONS;
  const rules = { tracebackLimit, sampleInterval, domains, precision, sourceMaps, routes };
  const options = typeof given === 'number' ? { tracebackLimit: given } : given;
  return checkOptions(rules, options, 'an object or a traceback limit');
}

type ResolvedSnapshotOptions = Required<Pick<SnapshotOptions, 'ledger' | 'survivors' | 'ages'>> &
  Readonly<Record<'since' | 'until', EarlierSnapshot | undefined>>;

/** As {@link resolveOptions}, for `takeSnapshot()`. */
export function resolveSnapshotOptions(
  given: SnapshotOptions | undefined,
): ResolvedSnapshotOptions {
  const { ledger, survivors, ages, earlier } = OPTIONS;
  return checkOptions({ ledger, survivors, ages, since: earlier, until: earlier }, given);
}

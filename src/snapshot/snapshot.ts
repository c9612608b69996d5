// SPDX-License-Identifier: MIT
// Analysis over plain values: grouping, comparing, filtering. Knows nothing of how they were made.
import { shown, TracemallocError } from '../errors.js';
import type { MemoryLedger } from '../ledger/ledger.js';
import type { DomainFilter, Filter } from './filter.js';
import { Frame } from './frame.js';
import { gatherTraces } from './gather.js';
import type { MemoryReading } from './memory-history.js';
import { mergeFacts } from './merge-facts.js';
import {
  compareDiffs,
  compareStatistics,
  Statistic,
  StatisticDiff,
  type Totals,
} from './statistic.js';
import type { Trace } from './trace.js';
import { Traceback } from './traceback.js';

/** What traces are grouped by. `'function'` has no counterpart in Python. */
export type KeyType = 'lineno' | 'filename' | 'traceback' | 'function';

const KEY_TYPES: readonly unknown[] = ['lineno', 'filename', 'traceback', 'function'];

/** How {@link Snapshot.statistics} groups. */
export interface GroupOptions {
  /**
   * Credit a trace to every frame of its traceback, not only to the allocating one: who *caused* the
   * memory. A frame that recurs in one traceback is credited once (Python: each time). Not with
   * `'traceback'`. Default false.
   */
  cumulative?: boolean;
}

/** The process that a snapshot was taken in, at that moment. */
export interface ProcessFacts {
  readonly pid: number;
  /** 0: the main thread. */
  readonly threadId: number;
  readonly nodeVersion: string;
  /** As `process.memoryUsage()`. */
  readonly memoryUsage: Readonly<NodeJS.MemoryUsage>;
  /**
   * How memory went since `start()`: a reading for each snapshot, which `watch` and all that stands
   * on it take, the oldest first, this one last; at most 500, so that older ones thin out. Absent in
   * profiles of other tools.
   */
  readonly history?: readonly MemoryReading[];
  /** Where the process's memory was, when `takeSnapshot({ ledger: true })` asked for it. */
  readonly ledger?: MemoryLedger;
}

/** What a snapshot says about itself, beside its traces. */
export interface SnapshotFacts {
  readonly tracebackLimit: number;
  /** Mean bytes between samples. */
  readonly sampleInterval: number;
  /** When it was taken, ms since the epoch. */
  readonly timestamp: number;
  /** Since when tracing had been on, or traces had been cleared, ms; undefined: unknown. */
  readonly duration?: number | undefined;
  readonly domains: readonly string[];
  readonly precision: 'line' | 'function';
  readonly process: ProcessFacts;
}

/** All traces of one moment, immutable. Python: `tracemalloc.Snapshot`. */
export class Snapshot implements SnapshotFacts {
  readonly tracebackLimit!: number;
  readonly sampleInterval!: number;
  readonly timestamp!: number;
  readonly duration?: number | undefined;
  readonly domains!: readonly string[];
  readonly precision!: 'line' | 'function';
  readonly process!: ProcessFacts;
  readonly #facts: SnapshotFacts;
  #makeTraces: (() => readonly Trace[]) | undefined;
  #traces: readonly Trace[] = [];

  /** @param traces - in any order; a function is called once, when first needed. */
  constructor(traces: readonly Trace[] | (() => readonly Trace[]), facts: SnapshotFacts) {
    this.#makeTraces = typeof traces === 'function' ? traces : () => traces;
    this.#facts = facts;
    Object.assign(this, facts);
  }

  /**
   * Reads what {@link dump} wrote, equal to what was dumped, or a pprof heap profile of another
   * tool (Go, @datadog/pprof), compressed or not. Such a one does not tell how many samples its
   * figures rest on: `samples` and `error` are then 0.
   *
   * @throws (rejects) TracemallocError ERR_READ_FAILED, or ERR_INVALID_PROFILE for a file that is
   *   damaged or no heap profile. Python: `Snapshot.load`.
   */
  static async load(path: string): Promise<Snapshot> {
    const { readProfile } = await import('../pprof/file.js');
    const { traces, facts } = await readProfile(path);
    return new Snapshot(traces, facts);
  }

  /**
   * One snapshot of several: of workers, processes, hosts. Traces of the same domain and stack add
   * up, with their errors; each snapshot may have an interval of its own, since its figures are
   * estimates of bytes already. The result states the coarsest interval, the latest timestamp, the
   * lesser precision, the memory of all processes together (workers of one process counted once),
   * and 0 or an empty text for a process fact in which the snapshots differ.
   *
   * @throws TracemallocError ERR_INVALID_ARGUMENT when `snapshots` is not a non-empty array of
   *   snapshots. Cost: linear in the number of traces. Python has no counterpart.
   */
  static merge(snapshots: readonly Snapshot[]): Snapshot {
    const isSound =
      Array.isArray(snapshots) &&
      snapshots.length > 0 &&
      snapshots.every((snapshot) => snapshot instanceof Snapshot);
    if (!isSound) {
      throw new TracemallocError(
        'ERR_INVALID_ARGUMENT',
        `merge needs a non-empty array of Snapshot, not ${shown(snapshots)}`,
      );
    }
    const traces = snapshots.map((snapshot) => snapshot.traces);
    return new Snapshot(() => gatherTraces(traces.flat()), mergeFacts(snapshots));
  }

  /**
   * Writes a gzipped pprof heap profile, which `go tool pprof` and its kin read too. The file
   * appears whole or not at all, and replaces what was at `path`.
   *
   * @throws (rejects) TracemallocError ERR_WRITE_FAILED; no part of a file is left. Python:
   *   `Snapshot.dump`.
   */
  async dump(path: string): Promise<void> {
    const data = { traces: this.traces, facts: this.#facts };
    // Loaded by who needs it: with zlib it is megabytes.
    const { writeProfile } = await import('../pprof/file.js');
    return writeProfile(path, data);
  }

  /** In no particular order. */
  get traces(): readonly Trace[] {
    if (this.#makeTraces !== undefined) {
      this.#traces = Object.freeze([...this.#makeTraces()]);
      this.#makeTraces = undefined;
    }
    return this.#traces;
  }

  /**
   * Live memory by group, largest first (size, then count, then traceback, as Python).
   *
   * `'lineno'` and `'function'` key on the allocating frame, `'filename'` on its file.
   * @throws TracemallocError ERR_INVALID_ARGUMENT for an unknown key type, or `cumulative` with
   *   `'traceback'`.
   * Cost: linear in the number of traces. Python: `Snapshot.statistics`.
   */
  statistics(keyType: KeyType, options: GroupOptions = {}): Statistic[] {
    return [...this.#group(keyType, options).values()].sort(compareStatistics);
  }

  /**
   * What changed since `old`: new, vanished and unchanged groups, the largest change first
   * (|sizeDiff|, size, |countDiff|, count, traceback, as Python).
   *
   * @throws TracemallocError as {@link statistics}, and when `old` is not a snapshot.
   * Python: `Snapshot.compare_to`.
   */
  compareTo(old: Snapshot, keyType: KeyType, options: GroupOptions = {}): StatisticDiff[] {
    if (!(old instanceof Snapshot)) {
      throw new TracemallocError(
        'ERR_INVALID_ARGUMENT',
        `compareTo needs a Snapshot, not ${shown(old)}`,
      );
    }
    const before = old.#group(keyType, options);
    const diffs: StatisticDiff[] = [];
    // Where nothing lives in either snapshot there is nothing to compare.
    const isEmpty = (statistic: Statistic | undefined) => (statistic?.count ?? 0) === 0;
    for (const [key, now] of this.#group(keyType, options)) {
      const then = before.get(key);
      before.delete(key);
      if (!isEmpty(now) || !isEmpty(then)) diffs.push(new StatisticDiff(now.traceback, now, then));
    }
    for (const gone of before.values()) {
      if (!isEmpty(gone)) diffs.push(new StatisticDiff(gone.traceback, undefined, gone));
    }
    return diffs.sort(compareDiffs);
  }

  /**
   * A snapshot of the traces that match any including filter (if there is one) and that no
   * excluding filter rejects. This one stays as it is.
   *
   * @throws TracemallocError ERR_INVALID_ARGUMENT when `filters` is not an array of filters.
   * Python: `Snapshot.filter_traces`.
   */
  filterTraces(filters: readonly (Filter | DomainFilter)[]): Snapshot {
    if (!Array.isArray(filters) || filters.some((f) => typeof f?.matches !== 'function')) {
      throw new TracemallocError(
        'ERR_INVALID_ARGUMENT',
        `filterTraces needs an array of Filter or DomainFilter, not ${shown(filters)}`,
      );
    }
    const including = filters.filter((filter) => filter.inclusive);
    const excluding = filters.filter((filter) => !filter.inclusive);
    const kept = this.traces.filter(
      (trace) =>
        (including.length === 0 || including.some((filter) => filter.matches(trace))) &&
        excluding.every((filter) => filter.matches(trace)),
    );
    return new Snapshot(kept, this.#facts);
  }

  #group(keyType: KeyType, { cumulative = false }: GroupOptions): Map<string, Statistic> {
    if (!KEY_TYPES.includes(keyType)) {
      throw new TracemallocError(
        'ERR_INVALID_ARGUMENT',
        `keyType must be one of ${KEY_TYPES.join(', ')}, not ${shown(keyType)}`,
      );
    }
    if (cumulative && keyType === 'traceback') {
      throw new TracemallocError(
        'ERR_INVALID_ARGUMENT',
        "cumulative credits single frames: it can't be used with keyType 'traceback'",
      );
    }
    const groups = new Map<string, { traceback: Traceback; totals: Totals }>();
    for (const trace of this.traces) {
      for (const [key, traceback] of keysOf(trace, keyType, cumulative)) {
        let group = groups.get(key);
        if (group === undefined) {
          group = { traceback, totals: zero() };
          groups.set(key, group);
        } else if (traceback.at(-1)?.approximate && keyType === 'lineno') {
          group.traceback = traceback; // part of the sum may belong to a neighbour
        }
        add(group.totals, trace);
      }
    }
    const statistics = new Map<string, Statistic>();
    for (const [key, { traceback, totals }] of groups) {
      statistics.set(key, new Statistic(traceback, totals));
    }
    return statistics;
  }
}

function keysOf(trace: Trace, keyType: KeyType, cumulative: boolean): Map<string, Traceback> {
  const { frames } = trace.traceback;
  if (keyType === 'traceback') {
    const key = frames.map((f) => `${f.filename}\0${f.lineno}\0${f.column}\0${f.functionName}`);
    return new Map([[key.join('\n'), trace.traceback]]);
  }
  const keys = new Map<string, Traceback>();
  for (const frame of cumulative ? frames : frames.slice(-1)) {
    const grouped = groupFrame(frame, keyType);
    // As Python: file and line, whichever functions share the line.
    const key = `${grouped.filename}\0${grouped.lineno || grouped.functionName}`;
    if (!keys.has(key)) keys.set(key, new Traceback([grouped]));
  }
  return keys;
}

function groupFrame(frame: Frame, keyType: 'lineno' | 'filename' | 'function'): Frame {
  const { filename, lineno, functionName, approximate } = frame;
  if (keyType === 'filename') return new Frame(filename, 0);
  if (keyType === 'function') {
    return new Frame(filename, 0, { functionName: functionName || '(anonymous)' });
  }
  return new Frame(filename, lineno, { functionName, approximate });
}

function zero(): Totals {
  return {
    size: 0,
    count: 0,
    allocatedSize: 0,
    allocatedCount: 0,
    samples: 0,
    variance: 0,
    types: new Map(),
  };
}

function add(totals: Totals, trace: Trace): void {
  totals.size += trace.size;
  totals.count += trace.count;
  totals.samples += trace.samples;
  totals.variance += trace.variance;
  totals.allocatedSize = sum(totals.allocatedSize, trace.allocatedSize);
  totals.allocatedCount = sum(totals.allocatedCount, trace.allocatedCount);
  for (const { type, size, count } of trace.types) {
    const share = totals.types.get(type);
    totals.types.set(type, {
      type,
      size: size + (share?.size ?? 0),
      count: count + (share?.count ?? 0),
    });
  }
}

// Something unknown makes the sum unknown.
function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

// SPDX-License-Identifier: MIT
// Analysis of plain values: grouping, comparing, filtering. Independent of how they were recorded.

import { shown, TracemallocError } from '../errors.js';
import type { AllocationTime } from '../traces/allocation-time.js';
import type { ChargeOptions } from '../traces/charge.js';
import type { ProcessFacts, SnapshotFacts } from '../traces/facts.js';
import { requireOptions } from '../traces/method-options.js';
import type { Sampling } from '../traces/sampling.js';
import { gather, tabulate } from '../traces/table-builder.js';
import type { Trace } from '../traces/trace.js';
import { TraceTable } from '../traces/trace-table.js';
import type { DomainFilter, Filter, LabelFilter } from './filter.js';
import { framesOf, Grouping, type GroupOptions, type KeyType } from './grouping.js';
import { mergeFacts } from './merge-facts.js';
import { warnOfOtherLimit } from './other-limit.js';
import { compareDiffs, compareStatistics, type Statistic, StatisticDiff } from './statistic.js';

type Traces = readonly Trace[] | TraceTable;

/** A snapshot's traces by columns, for code that only sums them. */
export let tableOf: (snapshot: Snapshot) => TraceTable;

/** All traces of one moment, immutable. Python: `tracemalloc.Snapshot`. */
export class Snapshot implements SnapshotFacts {
  readonly tracebackLimit!: number;
  readonly sampleInterval!: number;
  readonly sampling?: Sampling | undefined;
  readonly timestamp!: number;
  readonly duration?: number | undefined;
  readonly survivors?: boolean | undefined;
  readonly allocated?: AllocationTime | undefined;
  readonly domains!: readonly string[];
  readonly precision!: 'line' | 'function';
  readonly process!: ProcessFacts;
  readonly #facts: SnapshotFacts;
  // Given in one form, and converted to the other when first needed.
  #given: Traces | (() => Traces);
  #traces: readonly Trace[] | undefined;
  #table: TraceTable | undefined;

  /**
   * For snapshots of one's own making; others come from `takeSnapshot()`, {@link load} and
   * {@link merge}.
   *
   * @param traces - in any order; a function is called once, when first needed.
   */
  constructor(traces: Traces | (() => Traces), facts: SnapshotFacts) {
    this.#given = traces;
    this.#facts = facts;
    Object.assign(this, facts);
  }

  static {
    tableOf = (snapshot) => snapshot.#asTable();
  }

  /**
   * Reads what {@link dump} wrote, equal to what was dumped, or a pprof heap profile of another
   * tool (Go, @datadog/pprof), compressed or not. A profile of another tool does not say on how
   * many samples its figures rest: `samples` and `error` are then 0.
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
    const all = function* () {
      for (const snapshot of snapshots) yield* snapshot.#content();
    };
    return new Snapshot(() => gather(all()), mergeFacts(snapshots));
  }

  /**
   * Writes a gzipped pprof heap profile, which `go tool pprof` and similar tools read, too. The
   * file appears complete or not at all, and replaces what was at `path`.
   *
   * @throws (rejects) TracemallocError ERR_WRITE_FAILED; no part of a file is left. Python:
   *   `Snapshot.dump`.
   */
  async dump(path: string): Promise<void> {
    const data = { traces: this.#content(), facts: this.#facts };
    // Loaded only when needed: together with zlib it takes megabytes.
    const { writeProfile } = await import('../pprof/file.js');
    return writeProfile(path, data);
  }

  /**
   * In no particular order.
   *
   * Cost: at the first use, an object per trace; in snapshots that were loaded or merged, all other
   * methods work without these objects.
   */
  get traces(): readonly Trace[] {
    this.#traces ??= Object.freeze([...this.#content()]);
    return this.#traces;
  }

  /**
   * Live memory by group, largest first (size, then count, then traceback, as Python).
   *
   * `'lineno'` and `'function'` key on the charged frame, `'filename'` on its file, `'traceback'`
   * on the stack down to it; `'type'` on the class or kind of the objects, wherever they are made:
   * `allocator` is then the line that made most of them, and what has no known type is the row
   * `(unknown type)`; `'label'` on what `label()` and routes said, such as `route=GET /users/:id`,
   * with `allocator` likewise, and `(no labels)` for the rest. The charged frame is the allocating frame, as in Python, unless the option `frames`
   * says another: `'own'` is the innermost frame of your own code.
   * @throws TracemallocError ERR_INVALID_ARGUMENT for an unknown key type or option, or
   *   `cumulative` with `'traceback'`, `'type'` or `'label'`.
   * Cost: linear in the number of traces. Python: `Snapshot.statistics`.
   */
  statistics(keyType: KeyType, options: GroupOptions = {}): Statistic[] {
    const statistics = new Grouping(keyType, options).statistics(this.#asTable());
    return [...statistics.values()].sort(compareStatistics);
  }

  /**
   * What changed since `old`: new, vanished and unchanged groups, the largest change first
   * (|sizeDiff|, size, |countDiff|, count, traceback, as Python).
   *
   * If the snapshots have different traceback limits, the process's first such comparison emits a
   * warning with the code `TRACEMALLOC_TRACEBACK_LIMIT`; Python has none.
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
    const grouping = new Grouping(keyType, options);
    warnOfOtherLimit(this, old);
    const before = grouping.statistics(old.#asTable());
    const diffs: StatisticDiff[] = [];
    // Groups without live memory in either snapshot are left out.
    // (Both figures are checked: the count of what is not attributable is unknown.)
    const isEmpty = (statistic: Statistic | undefined) =>
      statistic === undefined || (statistic.count === 0 && statistic.size === 0);
    for (const [group, now] of grouping.statistics(this.#asTable())) {
      const then = before.get(group);
      before.delete(group);
      if (!isEmpty(now) || !isEmpty(then)) diffs.push(new StatisticDiff(now.traceback, now, then));
    }
    for (const gone of before.values()) {
      if (!isEmpty(gone)) diffs.push(new StatisticDiff(gone.traceback, undefined, gone));
    }
    return diffs.sort(compareDiffs);
  }

  /**
   * A snapshot of the traces that match any including filter (if there is one) and that no
   * excluding filter rejects. A filter looks at the charged frame, as {@link statistics}: the
   * allocating one by default. This snapshot stays as it is.
   *
   * @throws TracemallocError ERR_INVALID_ARGUMENT when `filters` is not an array of filters, or for
   *   an unknown option. Python: `Snapshot.filter_traces`.
   */
  filterTraces(
    filters: readonly (Filter | DomainFilter | LabelFilter)[],
    options: ChargeOptions = {},
  ): Snapshot {
    requireOptions('filterTraces', options, ['frames']);
    const frames = framesOf(options);
    if (!Array.isArray(filters) || filters.some((f) => typeof f?.matches !== 'function')) {
      throw new TracemallocError(
        'ERR_INVALID_ARGUMENT',
        `filterTraces needs an array of Filter, DomainFilter or LabelFilter, not ${shown(filters)}`,
      );
    }
    const including = filters.filter((filter) => filter.inclusive);
    const excluding = filters.filter((filter) => !filter.inclusive);
    const keeps = (trace: Trace) =>
      (including.length === 0 || including.some((filter) => filter.matches(trace, frames))) &&
      excluding.every((filter) => filter.matches(trace, frames));
    const content = this.#content();
    const kept = content instanceof TraceTable ? content.filter(keeps) : content.filter(keeps);
    return new Snapshot(kept, this.#facts);
  }

  #content(): Traces {
    if (typeof this.#given === 'function') this.#given = this.#given();
    return this.#given;
  }

  #asTable(): TraceTable {
    const content = this.#content();
    this.#table ??= content instanceof TraceTable ? content : tabulate(content);
    return this.#table;
  }
}

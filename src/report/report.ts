// SPDX-License-Identifier: MIT
// A report: snapshots reduced to the sites that are worth a log line. docs/report.md and
// docs/report.schema.json describe it to its readers; a change of meaning raises `version`.
import { runThrough, type Steps } from '../host/steps.js';
import type { MemoryLedger } from '../ledger/ledger.js';
import type { KeyType } from '../snapshot/grouping.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { frameText } from '../traces/frame.js';
import type { Traceback } from '../traces/traceback.js';
import { processOrigin } from './origin.js';
import { type Site, SiteTable } from './site-table.js';
import { type EldersOf, Suspects, type Suspicion } from './suspects.js';

/** One site. Sizes in bytes, rounded; all figures are estimates. */
export interface ReportSite {
  /** `file:line` of the innermost frame that the application wrote; the file, if grouped so. */
  readonly site: string;
  /** Its function; empty: anonymous, or grouped by file. */
  readonly function: string;
  /** Kind of memory, such as `heap`. */
  readonly domain: string;
  /** Live bytes. */
  readonly size: number;
  /** Growth since the previous report. */
  readonly sizeDiff: number;
  /** Growth since the first one. */
  readonly sizeDiffSinceStart: number;
  /** Live allocations. */
  readonly count: number;
  /** Growth of `count` since the previous report. */
  readonly countDiff: number;
  /** Live samples that `size` rests on. */
  readonly samples: number;
  /** Standard error of `size`. */
  readonly error: number;
  /** The function that allocated most of it, if that is a builtin or Node's own code: `push`. */
  readonly allocator?: string;
  /** The line is the function's first, or a neighbouring line. */
  readonly approximate?: true;
  /** The callers, oldest first, where sites are tracebacks. */
  readonly traceback?: readonly string[];
  /** Present if the site grows, or grew, as a leak does. */
  readonly suspect?: ReportSuspect;
}

/** A site that may leak. */
export interface ReportSuspect {
  /** `'flat'`: it was growing, and does not any more. */
  readonly state: 'growing' | 'flat';
  /** When it was first called suspect, ISO 8601. */
  readonly since: string;
  /** How fast it grows, or grew last. */
  readonly bytesPerHour: number;
}

/** The memory of the process by kind: `getMemoryLedger()`. */
export interface ReportLedger {
  /** When it was read: before the report, where reading takes long. */
  readonly time: string;
  /** Resident set size of the process at that moment, bytes. */
  readonly rss: number;
  /** Bytes in memory, by the names of `LedgerRow`. */
  readonly rows: Readonly<Record<string, number>>;
  /** `rss` less all rows. */
  readonly unexplained: number;
  /** What made RSS grow since the first report, if one kind of memory did. */
  readonly diagnosis?: string;
}

/** One report, as it is logged. */
export interface Report {
  /** Always `tracemalloc`: what to grep for. */
  readonly name: 'tracemalloc';
  /** This schema's version. */
  readonly version: 1;
  /** ISO 8601. */
  readonly time: string;
  /** Name of the host. */
  readonly host: string;
  /** The process's id. */
  readonly pid: number;
  /** 0 in a report of several threads. */
  readonly threadId: number;
  /** The threads whose memory is included, in a report of several threads. */
  readonly threads?: readonly number[];
  /** Threads that trace but did not answer in time. */
  readonly silentThreads?: readonly number[];
  /** The application's name in the nearest package.json above its main script. */
  readonly app?: string;
  /** The version in that package.json. */
  readonly appVersion?: string;
  /** `line` or `function`. */
  readonly precision: string;
  /** Mean bytes between samples. */
  readonly sampleInterval: number;
  /** Resident set size of the process, bytes; this and the next four as `process.memoryUsage()`. */
  readonly rss: number;
  /** Bytes that V8 has reserved for the heap of this thread. */
  readonly heapTotal: number;
  /** Bytes of it in use. */
  readonly heapUsed: number;
  /** Bytes outside the heap that V8 knows of. */
  readonly external: number;
  /** Bytes of them that ArrayBuffers hold. */
  readonly arrayBuffers: number;
  /** The memory of the process by kind, where that can be determined. */
  readonly ledger?: ReportLedger;
  /** Live traced bytes. */
  readonly traced: number;
  /** The most that `traced` has been, bytes. */
  readonly tracedPeak: number;
  /** The largest sites. */
  readonly bySize: readonly ReportSite[];
  /** By growth since the previous report. */
  readonly byGrowth: readonly ReportSite[];
  /** By growth since the first one. */
  readonly byGrowthSinceStart: readonly ReportSite[];
  /**
   * The fastest growing of the sites that seem to leak, by a statistical test over the last
   * reports.
   */
  readonly suspects: readonly ReportSite[];
}

/** The parts of a report that are not in a snapshot. */
export interface Moment {
  /** As `getTracedMemory()`. */
  readonly traced: { readonly current: number; readonly peak: number };
  /** As `status()` counts them. */
  readonly fullCollections: number;
  /** As `ageMark()`. */
  readonly ageMark?: number;
  /** As `elderSizes()`, which distinguishes suspects from sites with rising traffic. */
  readonly elderSizes?: (mark: number) => ReadonlyMap<Traceback, number> | undefined;
  readonly ledger?: MemoryLedger;
}

export interface ReportInput extends Pick<Moment, 'traced' | 'ledger'> {
  readonly snapshot: Snapshot;
  readonly previous: Snapshot;
  readonly top: number;
  readonly keyType: KeyType;
}

/** A single report of two snapshots. For a series of reports use {@link Reports}. */
export function makeReport(input: ReportInput): Report {
  return runThrough(composingReport(input));
}

/** As {@link makeReport}, in steps. */
export function composingReport(input: ReportInput): Steps<Report> {
  const { snapshot, previous, top, keyType, ...moment } = input;
  const reports = new Reports({ top, keyType, baseline: previous });
  return reports.composing(snapshot, { ...moment, fullCollections: 0 });
}

export interface ReportsOptions {
  /** Rows of each list. */
  readonly top: number;
  readonly keyType: KeyType;
  /** The snapshot from which the first report's growth is counted. */
  readonly baseline: Snapshot;
}

/** A series of reports; the cost of each is proportional to what changed since the previous one. */
export class Reports {
  readonly #top: number;
  readonly #keyType: KeyType;
  readonly #table: SiteTable;
  readonly #suspects = new Suspects();
  #baseline: Snapshot | undefined;
  #firstLedger: MemoryLedger | undefined;

  constructor({ top, keyType, baseline }: ReportsOptions) {
    this.#top = top;
    this.#keyType = keyType;
    this.#table = new SiteTable(keyType);
    this.#baseline = baseline;
  }

  next(snapshot: Snapshot, moment: Moment): Report {
    return runThrough(this.composing(snapshot, moment));
  }

  /** As {@link next}, in steps. */
  *composing(snapshot: Snapshot, moment: Moment): Steps<Report> {
    const { traced, fullCollections, ageMark, ledger } = moment;
    const { timestamp, sampleInterval } = snapshot;
    if (this.#baseline !== undefined) yield* this.#table.updating(this.#baseline);
    this.#baseline = undefined;
    yield* this.#table.updating(snapshot);
    this.#suspects.observe(this.#table.sites, {
      time: timestamp,
      sampleInterval,
      fullCollections,
      ageMark,
      eldersOf: this.#elders(moment),
    });
    yield;
    const { memoryUsage, pid, threadId } = snapshot.process;
    const { rss, heapTotal, heapUsed, external, arrayBuffers } = memoryUsage;
    return {
      name: 'tracemalloc',
      version: 1,
      time: new Date(timestamp).toISOString(),
      pid,
      threadId,
      ...processOrigin(),
      precision: snapshot.precision,
      sampleInterval,
      rss,
      heapTotal,
      heapUsed,
      external,
      arrayBuffers,
      ...(ledger ? { ledger: this.#ledger(ledger) } : {}),
      traced: Math.round(traced.current),
      tracedPeak: Math.round(traced.peak),
      bySize: this.#rows((site) => site.size),
      byGrowth: this.#rows((site) => site.size - site.previousSize),
      byGrowthSinceStart: this.#rows((site) => site.size - site.firstSize),
      suspects: this.#suspectRows(),
    };
  }

  // Reads ages at most once per mark, and only for a site that meets all other conditions.
  #elders({ elderSizes }: Moment): EldersOf {
    const byMark = new Map<number, ReadonlyMap<Site, number> | undefined>();
    const at = (mark: number) => {
      const sizes = elderSizes?.(mark);
      return sizes && this.#table.sumBySite(sizes, 'heap');
    };
    return (site, mark) => {
      if (site.domain !== 'heap') return undefined;
      if (!byMark.has(mark)) byMark.set(mark, at(mark));
      const elders = byMark.get(mark);
      return elders && (elders.get(site) ?? 0);
    };
  }

  #ledger(ledger: MemoryLedger): ReportLedger {
    this.#firstLedger ??= ledger;
    const { diagnosis } = ledger.compareTo(this.#firstLedger);
    return {
      time: new Date(ledger.timestamp).toISOString(),
      rss: ledger.rss,
      rows: Object.fromEntries(ledger.rows.map(({ name, bytes }) => [name, bytes])),
      unexplained: ledger.unexplained,
      ...(diagnosis === undefined ? {} : { diagnosis }),
    };
  }

  #rows(figure: (site: Site) => number): ReportSite[] {
    return largest(this.#table.sites, this.#top, figure).map((site) => this.#row(site));
  }

  #suspectRows(): ReportSite[] {
    const speed = (site: Site) => this.#suspects.of(site)?.bytesPerHour ?? 0;
    return largest(this.#suspects, this.#top, speed).map((site) => this.#row(site));
  }

  #row(site: Site): ReportSite {
    const { frame, frames, allocator, domain } = site;
    const suspicion = this.#suspects.of(site);
    const byFile = this.#keyType === 'filename' || this.#keyType === 'function';
    const hasNoLine = byFile || frame.lineno === 0;
    return {
      site: hasNoLine ? frame.filename : frameText(frame),
      function: this.#keyType === 'filename' ? '' : site.functionName,
      domain,
      size: Math.round(site.size),
      sizeDiff: Math.round(site.size - site.previousSize),
      sizeDiffSinceStart: Math.round(site.size - site.firstSize),
      count: Math.round(site.count),
      countDiff: Math.round(site.count - site.previousCount),
      samples: site.samples,
      error: Math.round(Math.sqrt(Math.max(0, site.variance))),
      ...(allocator ? { allocator } : {}),
      ...(site.approximate && !byFile ? { approximate: true as const } : {}),
      ...(this.#keyType === 'traceback' ? { traceback: frames.map(frameText) } : {}),
      ...(suspicion ? { suspect: reportSuspect(suspicion) } : {}),
    };
  }
}

function reportSuspect({ state, since, bytesPerHour }: Suspicion): ReportSuspect {
  return {
    state,
    since: new Date(since).toISOString(),
    bytesPerHour: Math.round(bytesPerHour),
  };
}

/** The `limit` items with the largest positive figures, largest first. */
function largest<T>(items: Iterable<T>, limit: number, figure: (item: T) => number): T[] {
  const kept: { item: T; value: number }[] = [];
  for (const item of items) {
    const value = figure(item);
    const least = kept.length < limit ? 0 : (kept.at(-1)?.value ?? 0);
    if (Math.round(value) <= 0 || value <= least) continue;
    const at = kept.findIndex((other) => other.value < value);
    kept.splice(at === -1 ? kept.length : at, 0, { item, value });
    if (kept.length > limit) kept.pop();
  }
  return kept.map(({ item }) => item);
}

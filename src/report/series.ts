// SPDX-License-Identifier: MIT
// Makes reports: snapshots reduced to the sites that are worth a log line.
import { runThrough, type Steps } from '../host/steps.js';
import type { MemoryLedger } from '../ledger/ledger.js';
import type { KeyType } from '../snapshot/grouping.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { Age } from '../traces/age.js';
import type { Frames } from '../traces/charge.js';
import { frameText } from '../traces/frame.js';
import { Growth, type GrowthMoment, type Suspect } from './growth.js';
import { hintFor } from './hints.js';
import { formatMessage } from './message.js';
import { processOrigin } from './origin.js';
import { inOrderOfInterest, largest } from './ranking.js';
import type { Report, ReportLedger, ReportSite, ReportSuspect } from './report.js';
import type { Site } from './site-table.js';

/** The parts of a report that are not in a snapshot. */
export interface Moment extends GrowthMoment {
  /** As `getTracedMemory()`. */
  readonly traced: { readonly current: number; readonly peak: number };
  readonly ledger?: MemoryLedger;
}

export interface ReportInput extends Pick<Moment, 'traced' | 'ledger'> {
  readonly snapshot: Snapshot;
  readonly previous: Snapshot;
  readonly top: number;
  readonly keyType: KeyType;
  readonly frames: Frames;
  /** Suspects, which only a series of reports can find. Default: none. */
  readonly suspects?: readonly ReportSuspect[];
  /** Say how old the memory of each site is, if the snapshot has it. Default false. */
  readonly ages?: boolean;
}

/** A single report of two snapshots. For a series of reports use {@link Reports}. */
export function makeReport(input: ReportInput): Report {
  return runThrough(composingReport(input));
}

/** As {@link makeReport}, in steps. */
export function composingReport(input: ReportInput): Steps<Report> {
  const { snapshot, previous, top, keyType, frames, suspects = [], ages, ...moment } = input;
  const reports = new Reports({
    top,
    keyType,
    frames,
    baseline: previous,
    suspects: () => suspects,
    ages: ages ?? false,
  });
  return reports.composing(snapshot, { ...moment, fullCollections: 0 });
}

export interface ReportsOptions {
  /** The most sites in a report, and the most suspects. */
  readonly top: number;
  readonly keyType: KeyType;
  readonly frames: Frames;
  /** The snapshot from which the first report's growth is counted. */
  readonly baseline: Snapshot;
  /** The ledger from which the growth is diagnosed. Default that of the first report. */
  readonly ledger?: MemoryLedger;
  /** As `ageMark()` of the baseline. */
  readonly ageMark?: number;
  /**
   * Suspects that another series of reports found. Default: those that are found by testing this
   * series.
   */
  readonly suspects?: () => readonly ReportSuspect[];
  /** As in {@link ReportInput}. Lines of a log are short, and have none. */
  readonly ages?: boolean;
}

/**
 * A series of reports. The cost of each is proportional to the number of traces, in steps, and to
 * what changed since the previous one.
 */
export class Reports {
  readonly #top: number;
  readonly #keyType: KeyType;
  readonly #frames: Frames;
  readonly #growth: Growth;
  readonly #suspects: (() => readonly ReportSuspect[]) | undefined;
  readonly #hasAges: boolean;
  #baseline: Snapshot | undefined;
  #firstLedger: MemoryLedger | undefined;

  constructor({ top, keyType, frames, baseline, ledger, ageMark, ...more }: ReportsOptions) {
    const { suspects, ages = false } = more;
    this.#top = top;
    this.#keyType = keyType;
    this.#frames = frames;
    this.#growth = new Growth({ keyType, frames, ageMark, hasSuspects: suspects === undefined });
    this.#suspects = suspects;
    // Known of whole stacks only, not by type.
    this.#hasAges = ages && keyType !== 'type';
    this.#baseline = baseline;
    this.#firstLedger = ledger;
  }

  next(snapshot: Snapshot, moment: Moment): Report {
    return runThrough(this.composing(snapshot, moment));
  }

  /** As {@link next}, in steps. */
  *composing(snapshot: Snapshot, moment: Moment): Steps<Report> {
    const { traced, ledger } = moment;
    const { timestamp, sampleInterval, sampling } = snapshot;
    if (this.#baseline !== undefined) yield* this.#growth.updating(this.#baseline);
    this.#baseline = undefined;
    yield* this.#growth.updating(snapshot);
    yield* this.#growth.observing(snapshot, moment);
    const found = largest(
      yield* this.#growth.suspects(),
      this.#top,
      ({ suspicion }) => suspicion.bytesPerHour,
    );
    const suspects = this.#suspects?.() ?? found.map((suspect) => this.#suspect(suspect));
    const { memoryUsage, pid, threadId } = snapshot.process;
    const { rss, heapTotal, heapUsed, external, arrayBuffers } = memoryUsage;
    const sites = [...this.#growth.sites];
    const growerBy = (figure: 'sizeDiff' | 'sizeDiffSinceStart') => {
      const [site] = largest(sites, 1, (each) => each[figure]);
      return site && this.#row(site);
    };
    const figures = {
      pid,
      threadId,
      rss,
      heapUsed,
      traced: Math.round(traced.current),
      tracedPeak: Math.round(traced.peak),
      suspects,
    };
    const growers = { sinceStart: growerBy('sizeDiffSinceStart'), sinceLast: growerBy('sizeDiff') };
    return {
      name: 'tracemalloc',
      version: 1,
      level: suspects.some(({ state }) => state === 'growing') ? 'warn' : 'info',
      time: new Date(timestamp).toISOString(),
      msg: formatMessage(figures, growers),
      ...processOrigin(),
      ...figures,
      sites: yield* this.#rows(sites, found),
      precision: snapshot.precision,
      sampleInterval,
      ...(sampling ? { cpuShare: Number(sampling.cpuShare.toFixed(4)) } : {}),
      frames: this.#frames,
      heapTotal,
      external,
      arrayBuffers,
      ...(ledger ? { ledger: this.#ledger(ledger) } : {}),
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

  *#rows(sites: readonly Site[], suspects: readonly Suspect[]): Steps<ReportSite[]> {
    const single = suspects.filter(({ sum }) => sum === undefined).map(({ site }) => site);
    const shown = inOrderOfInterest(sites, this.#top, single).sort((a, b) => b.size - a.size);
    const ages = this.#hasAges ? yield* this.#growth.agesOf(shown) : undefined;
    return shown.map((site) => {
      const age = ages?.get(site)?.age;
      return { ...this.#row(site), ...(age === undefined ? {} : { age: rounded(age) }) };
    });
  }

  #row(site: Site): ReportSite {
    const hasNoLine = this.#hasNoLines || site.frame.lineno === 0;
    return {
      site: hasNoLine ? site.frame.filename : frameText(site.frame),
      function: this.#functionOf(site),
      domain: site.domain,
      size: Math.round(site.size),
      sizeDiff: Math.round(site.sizeDiff),
      sizeDiffSinceStart: Math.round(site.sizeDiffSinceStart),
      count: Math.round(site.count),
      countDiff: Math.round(site.countDiff),
      countDiffSinceStart: Math.round(site.countDiffSinceStart),
      samples: Math.round(site.samples),
      error: Math.round(Math.sqrt(Math.max(0, site.variance))),
      ...(site.allocator ? { allocator: site.allocator } : {}),
      ...(site.approximate && !this.#hasNoLines ? { approximate: true as const } : {}),
      ...(this.#keyType === 'traceback' ? { traceback: site.frames.map(frameText) } : {}),
    };
  }

  #suspect({ site, suspicion, sum }: Suspect): ReportSuspect {
    const { frame, allocator, domain, size } = site;
    const { state, since, bytesPerHour } = suspicion;
    const hasNoLine = (this.#hasNoLines && sum === undefined) || frame.lineno === 0;
    const hint = hintFor(site);
    return {
      site: hasNoLine ? frame.filename : frameText(frame),
      function: sum === undefined ? this.#functionOf(site) : frame.functionName,
      domain,
      ...(allocator ? { allocator } : {}),
      size: Math.round(size),
      state,
      since: new Date(since).toISOString(),
      bytesPerHour: Math.round(bytesPerHour),
      ...(sum ? { sum } : {}),
      ...(hint ? { hint } : {}),
    };
  }

  get #hasNoLines(): boolean {
    return ['filename', 'function', 'type', 'label'].includes(this.#keyType);
  }

  #functionOf(site: Site): string {
    return this.#keyType === 'filename' ? '' : site.functionName;
  }
}

/** To the tenths that are known, and as many of the mean number of collections. */
function rounded({ mean, oldest, collections }: Age): Age {
  const tenths = (figure: number) => Math.round(figure * 10) / 10;
  return {
    mean: tenths(mean),
    oldest: tenths(oldest),
    collections: collections === undefined ? undefined : tenths(collections),
  };
}

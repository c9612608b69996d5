// SPDX-License-Identifier: MIT
// Metrics by site for both libraries: only the top few, so that the number of series is bounded.
import { OPTIONS } from '../options.js';
import type { ReportSite, ReportSuspect } from '../report/report.js';
import { makeReport } from '../report/series.js';
import { checkOptions } from '../rules.js';
import { knownSuspects } from '../service/known-suspects.js';
import { recentSnapshot } from '../service/recent-snapshot.js';
import { Snapshot } from '../snapshot/snapshot.js';
import { getTracedMemory, isTracing } from '../tracer.js';

/** Which sites become metrics. */
export interface MetricsOptions {
  /** Sites with series of their own: the largest, and as many suspects. 0 to 100; default 10. */
  readonly top?: number;
}

export interface SiteFigures {
  readonly value: number;
  readonly labels: {
    /**
     * `file:line` of the innermost frame of the application's own code; of a suspect as its report
     * has it, which may be a module or a class.
     */
    readonly site: string;
    /** Its function; empty: anonymous. */
    readonly function: string;
  };
}

/** A metric with a series for each site. */
export interface MetricBySite {
  /** Words of the name. */
  readonly name: readonly string[];
  readonly unit: 'bytes' | 'bytes/hour';
  readonly help: string;
  /** Never throws; nothing when not tracing. */
  readonly read: () => readonly SiteFigures[];
}

/** @throws TracemallocError ERR_INVALID_OPTION. */
export function metricsBySite(options: MetricsOptions): readonly MetricBySite[] {
  const { top } = checkOptions({ top: OPTIONS.topMetrics }, options);
  return [
    {
      name: ['site'],
      unit: 'bytes',
      help: 'Live memory allocated at the largest sites, an estimate.',
      read: () => bySite(largestSites(top), ({ size }) => size),
    },
    {
      name: ['suspect', 'growth'],
      unit: 'bytes/hour',
      help: 'Growth of the sites that a statistical test calls leaks; 0 when it has ended.',
      read: () => bySite(knownSuspects().slice(0, top), growth),
    },
  ];
}

function largestSites(top: number): readonly ReportSite[] {
  if (!isTracing() || top === 0) return [];
  try {
    const snapshot = recentSnapshot(100);
    const previous = new Snapshot([], snapshot);
    const traced = getTracedMemory();
    const { keyType, frames } = OPTIONS;
    const sites = { top, keyType: keyType.default, frames: frames.default };
    return makeReport({ snapshot, previous, traced, ...sites }).sites;
  } catch {
    // A scrape covers other metrics, too: a failure here must not make it fail.
    return [];
  }
}

function growth({ state, bytesPerHour }: ReportSuspect): number {
  return state === 'growing' ? bytesPerHour : 0;
}

// A line may have rows in several domains.
function bySite<T extends ReportSite | ReportSuspect>(
  rows: readonly T[],
  figure: (row: T) => number,
): SiteFigures[] {
  const sums = new Map<string, SiteFigures>();
  for (const row of rows) {
    const labels = { site: row.site, function: row.function };
    const key = JSON.stringify(labels);
    sums.set(key, { labels, value: figure(row) + (sums.get(key)?.value ?? 0) });
  }
  return [...sums.values()];
}

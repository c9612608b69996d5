// SPDX-License-Identifier: MIT
// What both metrics libraries show of sites: the top few, so that the number of series is bounded.
import { shown, TracemallocError } from '../errors.js';
import { recentSnapshot } from '../service/recent-snapshot.js';
import { makeReport } from '../service/report.js';
import { Snapshot } from '../snapshot/snapshot.js';
import { getTracedMemory, isTracing } from '../tracer.js';

/** Which sites become metrics. */
export interface MetricsOptions {
  /** Sites with a series of their own, the largest. 0 to 100; default 10. */
  readonly top?: number;
}

export interface SiteFigures {
  /** Live bytes. */
  readonly size: number;
  readonly labels: {
    /** `file:line` of the innermost frame that the application wrote. */
    readonly site: string;
    /** Its function; empty: anonymous. */
    readonly function: string;
  };
}

/** The largest sites now; none when not tracing, or when they can't be read. */
export function topSitesReader({ top = 10 }: MetricsOptions): () => readonly SiteFigures[] {
  if (!Number.isInteger(top) || top < 0 || top > 100) {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      `top must be an integer from 0 to 100, not ${shown(top)}`,
    );
  }
  return () => {
    if (!isTracing() || top === 0) return [];
    try {
      const snapshot = recentSnapshot(100);
      const previous = new Snapshot([], snapshot);
      const traced = getTracedMemory();
      const report = makeReport({ snapshot, previous, traced, top, keyType: 'lineno' });
      return report.bySize.map(({ site, function: name, size }) => ({
        size,
        labels: { site, function: name },
      }));
    } catch {
      // A scrape is about more than us: what we can't tell must not fail it.
      return [];
    }
  };
}

// SPDX-License-Identifier: MIT
// `tracemalloc/opentelemetry`: our figures through the application's OpenTelemetry meter.
import { type BatchObservableCallback, type Meter, metrics } from '@opentelemetry/api';
import { SINGLE_FIGURES, SITE_HELP } from './single-figures.js';
import { type MetricsOptions, type SiteFigures, topSitesReader } from './top-sites.js';

export type { MetricsOptions } from './top-sites.js';

const UNITS = { bytes: 'By', samples: '{sample}', flag: '1' } as const;

/**
 * Adds observable gauges that are read at each collection: `tracemalloc.tracing` (0 or 1),
 * `tracemalloc.traced`, `tracemalloc.traced.peak`, `tracemalloc.tracker` (bytes, unit `By`),
 * `tracemalloc.live.samples`, and `tracemalloc.site` (bytes) with the attributes `site`
 * (`file:line`) and `function` for the largest sites. OpenTelemetry never forgets a series, so a site
 * that is no longer among the largest is 0, and after ten times `top` different sites new ones are
 * summed up as `(other)`. May be called before `start()`.
 *
 * @param meter - default: that of the global meter provider.
 * @returns a function that ends the observation; the SDK then repeats what it saw last.
 * @throws TracemallocError ERR_INVALID_OPTION. Cost: a snapshot per collection. Python has no
 *   counterpart.
 */
export function registerMetrics(
  meter: Meter = metrics.getMeter('tracemalloc'),
  options: MetricsOptions = {},
): () => void {
  const topSites = topSitesReader(options);
  const series = new Series(10 * (options.top ?? 10));
  const singles = SINGLE_FIGURES.map(({ name, unit, help, read }) => {
    const details = { description: help, unit: UNITS[unit] };
    return { read, gauge: meter.createObservableGauge(`tracemalloc.${name.join('.')}`, details) };
  });
  const sites = meter.createObservableGauge('tracemalloc.site', {
    description: SITE_HELP,
    unit: UNITS.bytes,
  });
  const observe: BatchObservableCallback = (result) => {
    for (const { gauge, read } of singles) result.observe(gauge, read());
    for (const { labels, size } of series.update(topSites())) result.observe(sites, size, labels);
  };
  const observed = [...singles.map(({ gauge }) => gauge), sites];
  meter.addBatchObservableCallback(observe, observed);
  return () => meter.removeBatchObservableCallback(observe, observed);
}

/** Every site that was ever shown, up to a number. */
class Series {
  readonly #most: number;
  readonly #known = new Map<string, SiteFigures>();

  constructor(most: number) {
    this.#most = most;
  }

  update(now: readonly SiteFigures[]): Iterable<SiteFigures> {
    for (const [key, { labels }] of this.#known) this.#known.set(key, { labels, size: 0 });
    for (const figures of now) {
      const key = JSON.stringify(figures.labels);
      if (this.#known.has(key) || this.#known.size < this.#most) this.#known.set(key, figures);
      else this.#addToOthers(figures.size);
    }
    return this.#known.values();
  }

  #addToOthers(size: number): void {
    const sum = size + (this.#known.get(OTHER)?.size ?? 0);
    this.#known.set(OTHER, { labels: { site: OTHER, function: '' }, size: sum });
  }
}

const OTHER = '(other)';

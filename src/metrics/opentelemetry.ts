// SPDX-License-Identifier: MIT
// `tracemalloc/opentelemetry`: gauges for the application's OpenTelemetry meter.
import { type BatchObservableCallback, type Meter, metrics } from '@opentelemetry/api';
import {
  type MetricBySite,
  type MetricsOptions,
  metricsBySite,
  type SiteFigures,
} from './by-site.js';
import { SINGLE_FIGURES, type SingleFigure } from './single-figures.js';

export type { MetricsOptions } from './by-site.js';

const UNITS = {
  bytes: 'By',
  'bytes/hour': 'By/h',
  samples: '{sample}',
  sites: '{site}',
  flag: '1',
} as const;

/**
 * Adds observable gauges that are read at each collection: `tracemalloc.tracing` (0 or 1),
 * `tracemalloc.traced`, `tracemalloc.traced.peak`, `tracemalloc.tracker` (bytes, unit `By`),
 * `tracemalloc.live.samples`, `tracemalloc.suspects` (how many sites grow as leaks do), and with
 * the attributes `site` (`file:line`) and `function` `tracemalloc.site` (bytes) for the largest
 * sites and `tracemalloc.suspect.growth` (bytes an hour) for suspects, which are those of the last
 * periodic report: without `createReporter` or `tracemalloc/register` there are none. OpenTelemetry
 * never forgets a series, so a site that is no longer among them is 0, and after ten times `top`
 * different sites new ones are summed up as `(other)`. May be called before `start()`.
 *
 * @param meter - default: that of the global meter provider.
 * @returns a function that ends the observation; the SDK then repeats the last values.
 * @throws TracemallocError ERR_INVALID_OPTION. Cost: a snapshot per collection. Python has no
 *   counterpart.
 */
export function registerMetrics(
  meter: Meter = metrics.getMeter('tracemalloc'),
  options: MetricsOptions = {},
): () => void {
  const add = ({ name, unit, help }: Pick<SingleFigure | MetricBySite, 'name' | 'unit' | 'help'>) =>
    meter.createObservableGauge(`tracemalloc.${name.join('.')}`, {
      description: help,
      unit: UNITS[unit],
    });
  const sites = metricsBySite(options).map((metric) => ({
    read: metric.read,
    gauge: add(metric),
    series: new EverySeries(10 * (options.top ?? 10)),
  }));
  const singles = SINGLE_FIGURES.map((metric) => ({ read: metric.read, gauge: add(metric) }));
  const observe: BatchObservableCallback = (result) => {
    for (const { gauge, read } of singles) result.observe(gauge, read());
    for (const { gauge, read, series } of sites) {
      for (const { labels, value } of series.update(read())) result.observe(gauge, value, labels);
    }
  };
  const observed = [...singles, ...sites].map(({ gauge }) => gauge);
  meter.addBatchObservableCallback(observe, observed);
  return () => meter.removeBatchObservableCallback(observe, observed);
}

/** Every site that was ever shown, up to a number. */
class EverySeries {
  readonly #most: number;
  readonly #known = new Map<string, SiteFigures>();

  constructor(most: number) {
    this.#most = most;
  }

  update(now: readonly SiteFigures[]): Iterable<SiteFigures> {
    for (const [key, { labels }] of this.#known) this.#known.set(key, { labels, value: 0 });
    for (const figures of now) {
      const key = JSON.stringify(figures.labels);
      if (this.#known.has(key) || this.#known.size < this.#most) this.#known.set(key, figures);
      else this.#addToOthers(figures.value);
    }
    return this.#known.values();
  }

  #addToOthers(value: number): void {
    const sum = value + (this.#known.get(OTHER)?.value ?? 0);
    this.#known.set(OTHER, { labels: { site: OTHER, function: '' }, value: sum });
  }
}

const OTHER = '(other)';

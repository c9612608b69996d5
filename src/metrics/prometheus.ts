// SPDX-License-Identifier: MIT
// `tracemalloc/prometheus`: gauges in the application's prom-client registry.
import { Gauge, type Registry, register } from 'prom-client';
import { type MetricBySite, type MetricsOptions, metricsBySite } from './by-site.js';
import { SINGLE_FIGURES, type SingleFigure } from './single-figures.js';

export type { MetricsOptions } from './by-site.js';

const UNITS = {
  bytes: '_bytes',
  'bytes/hour': '_bytes_per_hour',
  samples: '',
  sites: '',
  flag: '',
} as const;

/**
 * Adds gauges that are read at each scrape: `tracemalloc_tracing` (0 or 1),
 * `tracemalloc_traced_bytes`, `tracemalloc_traced_peak_bytes`, `tracemalloc_live_samples`,
 * `tracemalloc_tracker_bytes`, `tracemalloc_suspects` (how many sites grow as leaks do), and with
 * the labels `site` (`file:line`) and `function` `tracemalloc_site_bytes` for the largest sites and
 * `tracemalloc_suspect_growth_bytes_per_hour` for suspects; a site that is no longer among them is
 * gone from the next scrape. Suspects are those of the last periodic report: without
 * `createReporter` or `tracemalloc/register` there are none. May be called before `start()`: all
 * are 0 then, and there are no sites.
 *
 * @param registry - default: prom-client's global one.
 * @returns a function that removes the gauges.
 * @throws TracemallocError ERR_INVALID_OPTION; prom-client's error if they are already registered.
 *   Cost: a snapshot per scrape. Python has no counterpart.
 */
export function registerMetrics(
  registry: Registry = register,
  options: MetricsOptions = {},
): () => void {
  const sites = metricsBySite(options);
  const singles = SINGLE_FIGURES.map(({ read, ...about }) =>
    gauge(registry, about, [], (self) => self.set(read())),
  );
  const bySite = sites.map(({ read, ...about }) =>
    gauge(registry, about, ['site', 'function'], (self) => {
      self.reset();
      for (const { labels, value } of read()) self.set(labels, value);
    }),
  );
  return () => {
    for (const name of [...singles, ...bySite]) registry.removeSingleMetric(name);
  };
}

function gauge<Label extends string>(
  registry: Registry,
  { name: words, unit, help }: Pick<SingleFigure | MetricBySite, 'name' | 'unit' | 'help'>,
  labelNames: readonly Label[],
  update: (gauge: Gauge<Label>) => void,
): string {
  const name = `tracemalloc_${words.join('_')}${UNITS[unit]}`;
  new Gauge<Label>({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      update(this);
    },
  });
  return name;
}

// SPDX-License-Identifier: MIT
// `tracemalloc/prometheus`: our figures in the application's prom-client registry.
import { Gauge, type Registry, register } from 'prom-client';
import { SINGLE_FIGURES, SITE_HELP } from './single-figures.js';
import { type MetricsOptions, topSitesReader } from './top-sites.js';

export type { MetricsOptions } from './top-sites.js';

const SITES = 'tracemalloc_site_bytes';

/**
 * Adds gauges that are read at each scrape: `tracemalloc_tracing` (0 or 1),
 * `tracemalloc_traced_bytes`, `tracemalloc_traced_peak_bytes`, `tracemalloc_live_samples`,
 * `tracemalloc_tracker_bytes`, and `tracemalloc_site_bytes` with the labels `site` (`file:line`)
 * and `function` for the largest sites; a site that is no longer among them is gone from the next
 * scrape. May be called before `start()`: all are 0 then, and there are no sites.
 *
 * @param registry - default: prom-client's global one.
 * @returns a function that removes them.
 * @throws TracemallocError ERR_INVALID_OPTION; prom-client's error when they are there already.
 *   Cost: a snapshot per scrape. Python has no counterpart.
 */
export function registerMetrics(
  registry: Registry = register,
  options: MetricsOptions = {},
): () => void {
  const topSites = topSitesReader(options);
  const names = SINGLE_FIGURES.map(({ name, unit, help, read }) => {
    const gauge = {
      name: `tracemalloc_${name.join('_')}${unit === 'bytes' ? '_bytes' : ''}`,
      help,
      registers: [registry],
      collect(this: Gauge) {
        this.set(read());
      },
    };
    new Gauge(gauge);
    return gauge.name;
  });
  new Gauge({
    name: SITES,
    help: SITE_HELP,
    labelNames: ['site', 'function'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, size } of topSites()) this.set(labels, size);
    },
  });
  return () => {
    for (const name of [...names, SITES]) registry.removeSingleMetric(name);
  };
}

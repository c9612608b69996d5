// SPDX-License-Identifier: MIT
// A report for people.
import { formatCount, formatSize } from '../snapshot/size.js';
import type { Report, ReportSite } from './report.js';

/** One line: how much memory there is. */
export function formatHeadline(report: Report): string {
  const thread = report.threadId === 0 ? '' : `, thread ${report.threadId}`;
  return (
    `tracemalloc: rss ${formatSize(report.rss)}, heap ${formatSize(report.heapUsed)}, ` +
    `traced ${formatSize(report.traced)} (peak ${formatSize(report.tracedPeak)}), ` +
    `${report.precision} precision, pid ${report.pid}${thread}`
  );
}

/** The headline and short tables. Ends without a newline. */
export function formatReport(report: Report): string {
  return [
    formatHeadline(report),
    ' largest:',
    ...rows(report.bySize, (site) => site.sizeDiff),
    ' grown most since the last report:',
    ...rows(report.byGrowth, (site) => site.sizeDiff),
    ' grown most since the first report:',
    ...rows(report.byGrowthSinceStart, (site) => site.sizeDiffSinceStart),
  ].join('\n');
}

function rows(sites: readonly ReportSite[], growth: (site: ReportSite) => number): string[] {
  if (sites.length === 0) return ['  none'];
  return sites.map(
    (site, rank) =>
      `  #${rank + 1}: ${site.site}${site.function ? ` (${site.function})` : ''}: ` +
      `size=${formatSize(site.size)} (${formatSize(growth(site), { signed: true })}), ` +
      `count=${formatCount(site.count)} (${formatCount(site.countDiff, { signed: true })})`,
  );
}

// SPDX-License-Identifier: MIT
// A report for people.
import { formatCount, formatSize } from '../snapshot/size.js';
import type { Report, ReportSite, ReportSuspect } from './report.js';

/** One line: how much memory there is. */
export function formatHeadline(report: Report): string {
  const thread = report.threadId === 0 ? '' : `, thread ${report.threadId}`;
  const { length } = report.suspects;
  const suspects = length === 0 ? '' : `, ${length} ${length === 1 ? 'suspect' : 'suspects'}`;
  return (
    `tracemalloc: rss ${formatSize(report.rss)}, heap ${formatSize(report.heapUsed)}, ` +
    `traced ${formatSize(report.traced)} (peak ${formatSize(report.tracedPeak)}), ` +
    `${report.precision} precision, pid ${report.pid}${thread}${suspects}`
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
    ...(report.suspects.length > 0 ? [' suspects:', ...report.suspects.map(suspectRow)] : []),
  ].join('\n');
}

function rows(sites: readonly ReportSite[], growth: (site: ReportSite) => number): string[] {
  if (sites.length === 0) return ['  none'];
  return sites.map(
    (site, rank) =>
      `  #${rank + 1}: ${named(site)}: ` +
      `size=${formatSize(site.size)} (${formatSize(growth(site), { signed: true })}), ` +
      `count=${formatCount(site.count)} (${formatCount(site.countDiff, { signed: true })})`,
  );
}

function suspectRow(site: ReportSite, rank: number): string {
  const { state, since, bytesPerHour } = site.suspect as ReportSuspect;
  const speed = `${formatSize(bytesPerHour, { signed: true })} an hour`;
  const what = state === 'growing' ? `growing by ${speed}` : `flat now; it grew by ${speed}`;
  return `  #${rank + 1}: ${named(site)}: ${what}, suspect since ${since}`;
}

function named(site: ReportSite): string {
  return site.function ? `${site.site} (${site.function})` : site.site;
}

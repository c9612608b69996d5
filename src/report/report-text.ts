// SPDX-License-Identifier: MIT
// A report for people.
import { plainName } from '../text/plain-text.js';
import { formatCount, formatSize } from '../text/size.js';
import type { Report, ReportLedger, ReportSite, ReportSuspect } from './report.js';

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

/** The headline and short tables. Two lists that are the same are printed once. */
export function formatReport(report: Report): string {
  const lists = new Map<string, string[]>();
  for (const [title, list] of [
    ['largest', rows(report.bySize, (site) => site.sizeDiff)],
    ['grown most since the last report', rows(report.byGrowth, (site) => site.sizeDiff)],
    [
      'grown most since the first report',
      rows(report.byGrowthSinceStart, (site) => site.sizeDiffSinceStart),
    ],
  ] as const) {
    const text = list.join('\n');
    lists.set(text, [...(lists.get(text) ?? []), title]);
  }
  return [
    formatHeadline(report),
    ...(report.ledger ? ledgerLines(report.ledger, report.time) : []),
    ...[...lists].flatMap(([text, titles]) => [` ${titles.join(', and ')}:`, text]),
    ...(report.suspects.length > 0 ? [' suspects:', ...report.suspects.map(suspectRow)] : []),
  ].join('\n');
}

// The rows of the ledger that are at least a hundredth of all.
function ledgerLines(ledger: ReportLedger, reported: string): string[] {
  const { time, rows, unexplained, rss, diagnosis } = ledger;
  const isRecent = Date.parse(reported) - Date.parse(time) < 1000;
  const shown = Object.entries({ ...rows, unexplained })
    .filter(([, bytes]) => Math.abs(bytes) >= rss / 100)
    .sort(([, a], [, b]) => b - a)
    .map(([name, bytes]) => `${name} ${formatSize(bytes)}`);
  return [
    ` memory${isRecent ? '' : ` at ${time}`}: ${shown.join(', ')}`,
    ...(diagnosis === undefined ? [] : [` since the first report: ${diagnosis}`]),
  ];
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
  const place = plainName(site.site);
  return site.function ? `${place} (${plainName(site.function)})` : place;
}

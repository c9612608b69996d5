// SPDX-License-Identifier: MIT
// A report for people.
import { plain, plainName } from '../text/plain-text.js';
import { retainerLines } from '../text/retainer-tree.js';
import { formatCount, formatSize } from '../text/size.js';
import { samplingText } from '../traces/sampling.js';
import { nameOf, paceOf } from './message.js';
import type { Report, ReportLedger, ReportSite, ReportSuspect } from './report.js';

/** The message, the memory of the process, the sites and the suspects. */
export function formatReport(report: Report): string {
  return [
    report.msg,
    ...(report.ledger ? ledgerLines(report.ledger, report.time) : []),
    ...siteLines(report),
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

function siteLines({ sites, precision, sampleInterval, cpuShare }: Report): string[] {
  // The first report of a series, or a single one: both growths are the same.
  const isFirst = sites.every(
    ({ sizeDiff, sizeDiffSinceStart }) => sizeDiff === sizeDiffSinceStart,
  );
  const growth = isFirst ? 'growth' : 'growth since the last report; since start';
  return [
    ` sites, ${precision} precision, ${samplingText({ sampleInterval, cpuShare })} (${growth}):`,
    ...sites.map((site, rank) => `  #${rank + 1}: ${siteRow(site, isFirst)}`),
    ...(sites.length === 0 ? ['  none'] : []),
  ];
}

function siteRow(site: ReportSite, isFirst: boolean): string {
  const figures = [
    { name: 'size', now: site.size, growth: [site.sizeDiff, site.sizeDiffSinceStart] },
    { name: 'count', now: site.count, growth: [site.countDiff, site.countDiffSinceStart] },
  ].map(({ name, now, growth }) => {
    const format = name === 'size' ? formatSize : formatCount;
    const shown = (isFirst ? growth.slice(0, 1) : growth).map((diff) =>
      format(diff, { signed: true }),
    );
    return `${name}=${format(now)} (${shown.join('; ')})`;
  });
  const frames = (site.traceback ?? []).map((frame) => `\n      ${plainName(frame)}`);
  return `${nameOf(site)}: ${figures.join(', ')}${frames.join('')}`;
}

function suspectRow(suspect: ReportSuspect, rank: number): string {
  const { since, hint, retainers } = suspect;
  const row = `  #${rank + 1}: ${nameOf(suspect)}: ${paceOf(suspect)}, suspect since ${since}`;
  const held = retainers === undefined ? [] : [`held by, at ${retainers.time}:`];
  const tree =
    retainers === undefined ? [] : retainerLines(retainers).map((line) => `  ${plain(line)}`);
  return [row, ...(hint ? [hint] : []), ...held, ...tree].join('\n      ');
}

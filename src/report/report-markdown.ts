// SPDX-License-Identifier: MIT
// A report as Markdown, with all that the text has; suspects first.
import { ledgerTable } from '../ledger/ledger-markdown.js';
import {
  markdownBlock,
  markdownCode,
  markdownQuote,
  markdownTable,
  markdownText,
} from '../text/markdown.js';
import { plain } from '../text/plain-text.js';
import { retainerLines } from '../text/retainer-tree.js';
import { formatCount, formatSize } from '../text/size.js';
import { samplingText } from '../traces/sampling.js';
import { nameOf, paceOf } from './message.js';
import type { Report, ReportLedger, ReportSite, ReportSuspect } from './report.js';

/** What process it is of, its memory, the suspects, and the sites. */
export function reportMarkdown(report: Report): string {
  const { ledger, suspects, sites } = report;
  return [
    `tracemalloc, ${factsOf(report).join(', ')}`,
    ...(ledger === undefined ? [] : ledgerParts(ledger)),
    ...(suspects.length === 0 ? ['no suspects'] : ['suspects:', suspectTable(suspects)]),
    ...suspects.flatMap(holders),
    ...(sites.length === 0 ? ['no sites'] : ['sites:', siteTable(sites)]),
  ].join('\n\n');
}

function factsOf(report: Report): string[] {
  const { app, appVersion = '', sampleInterval, cpuShare } = report;
  const facts = [
    markdownQuote(report.level),
    markdownQuote(report.time),
    `host ${markdownQuote(report.host)}`,
    app === undefined ? '' : markdownQuote(`${app} ${appVersion}`.trim()),
    `pid ${Number(report.pid)}`,
    report.threadId === 0 ? '' : `thread ${Number(report.threadId)}`,
    `RSS ${formatSize(report.rss)}`,
    `heap ${formatSize(report.heapUsed)}`,
    `traced ${formatSize(report.traced)} (peak ${formatSize(report.tracedPeak)})`,
    `${markdownQuote(report.precision)} precision`,
    markdownText(samplingText({ sampleInterval, cpuShare })),
  ];
  return facts.filter((fact) => fact !== '');
}

function ledgerParts({ rss, unexplained, rows, time, diagnosis }: ReportLedger): string[] {
  return [
    `memory at ${markdownQuote(time)}:`,
    ledgerTable({ rss, unexplained, rows: Object.entries(rows) }),
    ...(diagnosis === undefined ? [] : [`since the first report: ${markdownQuote(diagnosis)}`]),
  ];
}

function suspectTable(suspects: readonly ReportSuspect[]): string {
  const rows = suspects.map((suspect) => [
    markdownText(paceOf(suspect)),
    markdownQuote(suspect.since),
    formatSize(suspect.size),
    markdownCode(nameOf(suspect)),
    markdownQuote(suspect.hint ?? ''),
  ]);
  return markdownTable(
    ['pace', 'suspect since', 'size', 'where', 'hint'],
    ['left', 'left', 'right', 'left', 'left'],
    rows,
  ).join('\n');
}

function holders({ retainers, ...suspect }: ReportSuspect): string[] {
  if (retainers === undefined) return [];
  return [
    `what holds ${markdownCode(nameOf(suspect))}, at ${markdownQuote(retainers.time)}:`,
    markdownBlock(retainerLines(retainers).map(plain).join('\n')),
  ];
}

function siteTable(sites: readonly ReportSite[]): string {
  const rows = sites.map((site) => {
    const callers = (site.traceback ?? []).slice(0, -1).reverse();
    return [
      formatSize(site.size),
      formatSize(site.error),
      formatSize(site.sizeDiff, { signed: true }),
      formatSize(site.sizeDiffSinceStart, { signed: true }),
      `${formatCount(site.count)} (${formatCount(site.countDiff, { signed: true })})`,
      markdownCode(site.domain),
      [nameOf(site), ...callers].map(markdownCode).join(' from '),
    ];
  });
  return markdownTable(
    ['size', '±', 'change', 'since start', 'count', 'domain', 'where'],
    ['right', 'right', 'right', 'right', 'right', 'left', 'left'],
    rows,
  ).join('\n');
}

// SPDX-License-Identifier: MIT
// What the HTML report shows, as far as a text can: the sites, the process's memory, its history.
import { joinHistories, type ProcessHistory } from '../html/history.js';
import { ledgerTable } from '../ledger/ledger-markdown.js';
import { OPTIONS } from '../options.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { markdownTable } from '../text/markdown.js';
import { formatSize } from '../text/size.js';
import type { MemoryReading } from '../traces/facts.js';
import { comparison, topSites } from './listing.js';
import type { Series } from './series.js';
import type { View } from './view.js';

const VIEW: View = {
  top: OPTIONS.topRows.default,
  key: OPTIONS.keyType.default,
  frames: OPTIONS.frames.default,
  include: [],
  exclude: [],
  domain: undefined,
  label: [],
};

export function seriesMarkdown({ now, old, histories }: Series): string {
  const sites = old === undefined ? topSites(now, VIEW, 'md') : comparison(old, now, VIEW, 'md');
  return [sites, ...ledgerOf(now.snapshot), ...joinHistories(histories).map(historyOf)].join('\n');
}

function ledgerOf({ process: { ledger } }: Snapshot): string[] {
  if (ledger === undefined) return [];
  const { rss, unexplained } = ledger;
  const rows = ledger.rows.map(({ label, bytes }) => [label, bytes] as const);
  return [`${ledgerTable({ rss, unexplained, rows })}\n`];
}

const MOST_READINGS = 10;

function historyOf({ pid, threadId, readings }: ProcessHistory): string {
  const thread = threadId === 0 ? '' : `, worker ${threadId}`;
  const rows = evenly(readings).map(({ time, rss, heapUsed, external, traced }) => [
    new Date(time).toISOString(),
    ...[rss, heapUsed, external, traced].map((bytes) => formatSize(bytes)),
  ]);
  const table = markdownTable(
    ['time', 'RSS', 'heap used', 'external', 'traced'],
    ['left', 'right', 'right', 'right', 'right'],
    rows,
  );
  const title = `memory over time, pid ${pid}${thread}, ${rows.length} of ${readings.length} readings:`;
  return [title, '', ...table, ''].join('\n');
}

/** Some readings, the first and the last among them. */
function evenly(readings: readonly MemoryReading[]): readonly MemoryReading[] {
  if (readings.length <= MOST_READINGS) return readings;
  const step = (readings.length - 1) / (MOST_READINGS - 1);
  return Array.from({ length: MOST_READINGS }, (_, i) => readings[Math.round(i * step)]!);
}

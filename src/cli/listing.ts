// SPDX-License-Identifier: MIT
// What top and diff show: where it comes from, a sum, the first rows of a table, how many there are
// besides; for a terminal, or as Markdown.
import type { Snapshot } from '../snapshot/snapshot.js';
import type { Statistic, StatisticDiff } from '../snapshot/statistic.js';
import { markdownText } from '../text/markdown.js';
import { plainName } from '../text/plain-text.js';
import { formatSize } from '../text/size.js';
import { type Format, styler } from './output.js';
import {
  describeInMarkdown,
  describeSnapshot,
  diffRows,
  markdownRows,
  statisticRows,
} from './rows.js';
import { applyView, describeView, type View } from './view.js';

/** A snapshot, and the name of where it comes from. */
export interface Named {
  readonly source: string;
  readonly snapshot: Snapshot;
}

/** The sites that hold the most live memory. */
export function topSites(now: Named, view: View, format: Format): string {
  const rows = applyView(now.snapshot, view)
    .statistics(view.key, { frames: view.frames })
    .filter(({ size }) => size > 0);
  const total = rows.reduce((sum, { size }) => sum + size, 0);
  const summary = `${formatSize(total)} live in ${rows.length} sites`;
  return written({ snapshots: [['', now]], summary, rows, table: statisticRows }, view, format);
}

/** What grew and shrank, the largest change first. */
export function comparison(old: Named, now: Named, view: View, format: Format): string {
  const rows = applyView(now.snapshot, view)
    .compareTo(applyView(old.snapshot, view), view.key, { frames: view.frames })
    .filter(({ sizeDiff, countDiff }) => sizeDiff !== 0 || countDiff !== 0);
  const change = rows.reduce((sum, { sizeDiff }) => sum + sizeDiff, 0);
  const summary = `${formatSize(change, { signed: true })} in ${rows.length} sites that changed`;
  const snapshots = [
    ['old ', old],
    ['new ', now],
  ] as const;
  return written({ snapshots, summary, rows, table: diffRows }, view, format);
}

interface Listing<Row> {
  readonly snapshots: readonly (readonly [label: string, snapshot: Named])[];
  readonly summary: string;
  readonly rows: readonly Row[];
  /** Lines for a terminal. */
  readonly table: (rows: readonly Row[], styled: ReturnType<typeof styler>) => string[];
}

function written<Row extends Statistic | StatisticDiff>(
  { snapshots, summary, rows, table }: Listing<Row>,
  view: View,
  format: Format,
): string {
  const shown = rows.slice(0, view.top);
  const rest = rows.length > shown.length ? [`and ${rows.length - shown.length} more (--top)`] : [];
  const facts = describeView(view);
  if (format === 'md') {
    const parts = [
      ...snapshots.map(
        ([label, { source, snapshot }]) => `${label}${describeInMarkdown(source, snapshot)}`,
      ),
      [summary, ...facts.map(markdownText)].join(', '),
      ...(shown.length > 0 ? [markdownRows(shown).join('\n')] : []),
      ...rest,
    ];
    return `${parts.join('\n\n')}\n`;
  }
  const styled = styler();
  const lines = [
    ...snapshots.map(([label, { source, snapshot }]) =>
      styled('dim', `${label}${describeSnapshot(source, snapshot)}`),
    ),
    [summary, ...facts.map((fact) => plainName(fact))].join(', '),
    ...(shown.length > 0 ? table(shown, styled) : []),
    ...rest.map((line) => styled('dim', line)),
  ];
  return `${lines.join('\n')}\n`;
}

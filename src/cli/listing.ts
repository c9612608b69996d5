// SPDX-License-Identifier: MIT
// What top and diff show: where it comes from, a sum, the first rows of a table, how many there are
// besides; for a terminal, or as Markdown.
import { TracemallocError } from '../errors.js';
import { OPTIONS } from '../options.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { Statistic, StatisticDiff } from '../snapshot/statistic.js';
import { markdownText } from '../text/markdown.js';
import { plainName } from '../text/plain-text.js';
import { formatSize } from '../text/size.js';
import { type Format, styler } from './output.js';
import {
  CHANGE,
  CHURN,
  describeInMarkdown,
  describeSnapshot,
  type Layout,
  LIVE,
  markdownRows,
  tableRows,
  withAge,
} from './rows.js';
import { applyView, describeView, type View } from './view.js';

/** A snapshot, and the name of where it comes from. */
export interface Named {
  readonly source: string;
  readonly snapshot: Snapshot;
}

/** By what {@link topSites} sorts its rows. */
export const SORT = {
  sort: {
    value: 'WHICH',
    meaning:
      'by size; by churn: what was allocated and collected again, temporary garbage; or by age, the mean of what lives',
    ...OPTIONS.sort.text,
  },
} as const;

export type Sort = 'size' | 'churn' | 'age';

/**
 * The sites that hold the most live memory, have the most churn, or the oldest memory.
 *
 * @throws TracemallocError ERR_INVALID_ARGUMENT: the snapshot does not know what was allocated, or how
 *   old it is, or not by type.
 */
export function topSites(now: Named, view: View, format: Format, sort: Sort = 'size'): string {
  if (sort !== 'size' && view.key === 'type') {
    throw new TracemallocError('ERR_INVALID_ARGUMENT', NOT_BY_TYPE[sort]);
  }
  const statistics = applyView(now.snapshot, view).statistics(view.key, { frames: view.frames });
  if (sort === 'churn') return topChurn(now, statistics, view, format);
  const rows = statistics.filter(({ size }) => size > 0);
  const hasAges = rows.some(({ age }) => age !== undefined);
  if (sort === 'age') {
    if (rows.length > 0 && !hasAges) {
      throw new TracemallocError(
        'ERR_INVALID_ARGUMENT',
        'this snapshot does not say how old what lives is: that needs takeSnapshot({ ages: true }) and line precision',
      );
    }
    const of = ({ age }: Statistic) => age?.mean ?? -1;
    rows.sort((a, b) => of(b) - of(a));
  }
  const total = rows.reduce((sum, { size }) => sum + size, 0);
  const summary = `${formatSize(total)} live in ${rows.length} sites`;
  const isWide = format === 'md' || (process.stdout.columns ?? WIDE) >= WIDE;
  const layout = hasAges ? withAge(LIVE, { isFirst: sort === 'age', isWide }) : LIVE;
  return written({ snapshots: [['', now]], summary, rows, layout }, view, format);
}

const NOT_BY_TYPE = {
  churn: 'types are known of live objects only, so there is no churn by type: choose another key',
  age: 'ages are known of whole stacks, so there is no age by type: choose another key',
} as const;

/** Columns of a terminal that has room for all about ages. */
const WIDE = 120;

function topChurn(
  now: Named,
  statistics: readonly Statistic[],
  view: View,
  format: Format,
): string {
  if (statistics.length > 0 && statistics.every(({ churn }) => churn === undefined)) {
    throw new TracemallocError(
      'ERR_INVALID_ARGUMENT',
      'this snapshot has live bytes only, not all that was allocated, so it has no churn',
    );
  }
  const of = ({ churn = 0 }: Statistic) => churn;
  const rows = statistics.filter((row) => of(row) > 0).sort((a, b) => of(b) - of(a));
  const total = rows.reduce((sum, row) => sum + of(row), 0);
  const summary = `${formatSize(total)} allocated and collected again in ${rows.length} sites`;
  return written({ snapshots: [['', now]], summary, rows, layout: CHURN }, view, format);
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
  return written({ snapshots, summary, rows, layout: CHANGE }, view, format);
}

interface Listing<Row> {
  readonly snapshots: readonly (readonly [label: string, snapshot: Named])[];
  readonly summary: string;
  readonly rows: readonly Row[];
  readonly layout: Layout<Row>;
}

function written<Row extends Statistic | StatisticDiff>(
  { snapshots, summary, rows, layout }: Listing<Row>,
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
      ...(shown.length > 0 ? [markdownRows(layout, shown).join('\n')] : []),
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
    ...(shown.length > 0 ? tableRows(layout, shown, styled) : []),
    ...rest.map((line) => styled('dim', line)),
  ];
  return `${lines.join('\n')}\n`;
}

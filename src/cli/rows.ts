// SPDX-License-Identifier: MIT
// Statistics as the rows of a table, for a terminal and as Markdown.

import stringWidth from 'string-width';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { Statistic, StatisticDiff } from '../snapshot/statistic.js';
import { formatAge, formatCollections } from '../text/duration.js';
import { type MarkdownRow, markdownCode, markdownTable, markdownText } from '../text/markdown.js';
import { plainName } from '../text/plain-text.js';
import { formatCount, formatSize } from '../text/size.js';
import type { Age } from '../traces/age.js';
import { allocationText } from '../traces/allocation-time.js';
import { allocatorName } from '../traces/charge.js';
import { type Frame, kindOf, TypeFrame } from '../traces/frame.js';
import { samplingText } from '../traces/sampling.js';
import type { Style, styler } from './output.js';
import { type Columns, endOf, GAP, layOut, widthsOf } from './table.js';
import { placeOf } from './view.js';

type Styled = ReturnType<typeof styler>;

/** A line for each snapshot: its process, time and precision. */
export function describeSnapshot(source: string, snapshot: Snapshot): string {
  return `${plainName(source)}: ${factsOf(snapshot)
    .map((fact) => plainName(fact))
    .join(', ')}`;
}

/** The same as Markdown. */
export function describeInMarkdown(source: string, snapshot: Snapshot): string {
  return `${markdownCode(source)}: ${factsOf(snapshot).map(markdownFact).join(', ')}`;
}

function markdownFact(fact: string): string {
  // The version is what the file says.
  return fact.startsWith('Node ') ? markdownCode(fact) : markdownText(fact);
}

function factsOf(snapshot: Snapshot): string[] {
  const { process, timestamp, precision, survivors, allocated } = snapshot;
  const facts = [
    process.pid > 0 ? `pid ${process.pid}` : '',
    process.threadId > 0 ? `worker ${process.threadId}` : '',
    process.nodeVersion && `Node ${process.nodeVersion}`,
    timestamp > 0 ? new Date(timestamp).toISOString() : '',
    `${precision} precision`,
    samplingText({ sampleInterval: snapshot.sampleInterval, ...snapshot.sampling }),
    survivors ? 'survivors of a collection only' : '',
    allocationText(allocated),
    process.memoryUsage.rss > 0 ? `RSS ${formatSize(process.memoryUsage.rss)}` : '',
  ];
  return facts.filter((fact) => fact !== '');
}

/** The figures of a table; what the memory is of and where it was allocated follow them. */
export interface Layout<Row> {
  readonly header: readonly string[];
  readonly figures: (row: Row) => readonly string[];
  /** The style of the first figure. */
  readonly style: (row: Row) => Style;
}

/** Live memory. */
export const LIVE: Layout<Statistic> = {
  header: ['size', '±', 'count'],
  figures: (row) => [formatSize(row.size), errorText(row), formatCount(row.count)],
  style: () => 'bold',
};

/** What has been collected again, beside what lives. */
export const CHURN: Layout<Statistic> = {
  header: ['churn', ...LIVE.header],
  figures: (row) => [formatSize(row.churn ?? 0), ...LIVE.figures(row)],
  style: () => 'bold',
};

/**
 * The same with how old what lives is.
 *
 * @param isFirst - before the other figures, else behind them.
 * @param isWide - whether there is room for more than the mean.
 */
export function withAge(
  layout: Layout<Statistic>,
  { isFirst, isWide }: { readonly isFirst: boolean; readonly isWide: boolean },
): Layout<Statistic> {
  const joined = (others: readonly string[], age: string) =>
    isFirst ? [age, ...others] : [...others, age];
  return {
    header: joined(layout.header, 'age'),
    figures: (row) => joined(layout.figures(row), ageText(row.age, isWide)),
    style: layout.style,
  };
}

function ageText(age: Age | undefined, isWide: boolean): string {
  if (age === undefined) return '';
  const mean = formatAge(age.mean);
  if (!isWide) return mean;
  const { collections } = age;
  const survived = collections === undefined ? '' : `, ${formatCollections(collections)}`;
  return `mean ${mean}, oldest ${formatAge(age.oldest)}${survived}`;
}

/** The change between two snapshots. */
export const CHANGE: Layout<StatisticDiff> = {
  header: ['change', '±', 'size', 'count'],
  figures: ({ sizeDiff, error, size, count, countDiff }) => [
    formatSize(sizeDiff, { signed: true }),
    error > 0 ? formatSize(error) : '',
    formatSize(size),
    `${formatCount(count)} (${formatCount(countDiff, { signed: true })})`,
  ],
  style: ({ sizeDiff }) => (sizeDiff > 0 ? 'red' : 'green'),
};

/**
 * Lines for a terminal.
 *
 * @param width - of the terminal, if places are to be shortened to fit into it.
 */
export function tableRows<Row extends Statistic | StatisticDiff>(
  layout: Layout<Row>,
  rows: readonly Row[],
  styled: Styled,
  width = Number.POSITIVE_INFINITY,
): string[] {
  const header = [...layout.header, ...OTHERS].map((title) => styled('dim', title));
  const figures = rows.map((row) => {
    const [first = '', ...others] = layout.figures(row);
    return [styled(layout.style(row), first), ...others, plainName(typeOf(row))];
  });
  const taken = widthsOf([header.slice(0, -1), ...figures]).reduce(
    (sum, column) => sum + column + GAP.length,
    0,
  );
  const cells = figures.map((row, i) => [...row, whereText(rows[i]!, styled, width - taken)]);
  return withStacks(rows, layOut(columnsOf(layout), [header, ...cells]), styled, width);
}

/** A table in Markdown; the callers of a stack are in its last cell. */
export function markdownRows<Row extends Statistic | StatisticDiff>(
  layout: Layout<Row>,
  rows: readonly Row[],
): string[] {
  const cells = rows.map((row): MarkdownRow => {
    const callers = row.traceback.frames.slice(0, -1).reverse();
    const where = [placeIn(row), ...callers.map(frameName)].map(markdownCode);
    return [...layout.figures(row), markdownCode(typeOf(row)), where.join(' from ')];
  });
  return markdownTable([...layout.header, ...OTHERS], columnsOf(layout), cells);
}

const OTHERS = ['what', 'where'] as const;

function columnsOf({ header }: Pick<Layout<never>, 'header'>): Columns {
  return [...header.map(() => 'right' as const), ...OTHERS.map(() => 'left' as const)];
}

// The standard error; nothing where it is not known or nothing was estimated.
function errorText({ size, error }: Statistic): string {
  return error > 0 && size > 0 ? `${Math.round((100 * error) / size)} %` : '';
}

// The largest type, unless it is only a small part of the size.
function typeOf({ types, size }: Statistic | StatisticDiff): string {
  const [largest] = types;
  return largest !== undefined && largest.size > size / 4 ? largest.type : '';
}

/** Its frame and what allocated for it. */
function placeIn({ traceback, allocator }: Statistic | StatisticDiff): string {
  const frame = traceback.at(-1);
  return frame === undefined ? '' : frameName(frame) + calledBy(allocator);
}

function frameName(frame: Frame): string {
  const { place, notes } = partsOf(frame);
  return place + notes;
}

function calledBy(allocator: Frame | undefined): string {
  return allocator === undefined
    ? ''
    : ` in ${plainName(allocatorName(allocator, kindOf(allocator)))}`;
}

function whereText(
  { traceback, allocator }: Statistic | StatisticDiff,
  styled: Styled,
  room = Number.POSITIVE_INFINITY,
): string {
  const frame = traceback.at(-1);
  if (frame === undefined) return '';
  // What was made is in the column before.
  if (frame instanceof TypeFrame) return allocator ? frameText(allocator, styled, room) : '';
  return frameText(frame, styled, room, calledBy(allocator));
}

/** Where there is not enough room, the end of the path and the line are what is left. */
function frameText(
  frame: Frame,
  styled: Styled,
  room = Number.POSITIVE_INFINITY,
  called = '',
): string {
  const parts = partsOf(frame);
  const notes = parts.notes + called;
  const file = `…${parts.place.slice(Math.max(0, parts.place.lastIndexOf('/')))}`;
  const least = Math.min(room, stringWidth(file));
  const place = endOf(parts.place, Math.max(least, room - stringWidth(notes)));
  return place + (notes && styled('dim', notes));
}

function partsOf(frame: Frame): { readonly place: string; readonly notes: string } {
  const { place, name } = placeOf(frame);
  return { place, notes: `${frame.approximate ? ' ~' : ''}${name === '' ? '' : ` ${name}`}` };
}

// With the key type 'traceback' the callers follow each row.
function withStacks(
  rows: readonly (Statistic | StatisticDiff)[],
  [header, ...lines]: readonly string[],
  styled: Styled,
  columns = Number.POSITIVE_INFINITY,
): string[] {
  const from = '    from ';
  return [
    header ?? '',
    ...lines.flatMap((line, i) => {
      const callers = rows[i]!.traceback.frames.slice(0, -1).reverse();
      return [
        line,
        ...callers.map((frame) => from + frameText(frame, styled, columns - from.length)),
      ];
    }),
  ];
}

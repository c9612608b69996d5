// SPDX-License-Identifier: MIT
// Statistics as the rows of a table for a terminal.

import stringWidth from 'string-width';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { Statistic, StatisticDiff } from '../snapshot/statistic.js';
import { plainName } from '../text/plain-text.js';
import { formatCount, formatSize } from '../text/size.js';
import { allocatorName } from '../traces/charge.js';
import { type Frame, kindOf, TypeFrame } from '../traces/frame.js';
import { samplingText } from '../traces/sampling.js';
import type { styler } from './output.js';
import { endOf, GAP, layOut, widthsOf } from './table.js';
import { placeOf } from './view.js';

type Styled = ReturnType<typeof styler>;

/** A line for each snapshot: its process, time and precision. */
export function describeSnapshot(source: string, snapshot: Snapshot): string {
  const { process, timestamp, precision, survivors } = snapshot;
  const facts = [
    process.pid > 0 ? `pid ${process.pid}` : '',
    process.threadId > 0 ? `worker ${process.threadId}` : '',
    process.nodeVersion && `Node ${plainName(process.nodeVersion)}`,
    timestamp > 0 ? new Date(timestamp).toISOString() : '',
    `${precision} precision`,
    samplingText({ sampleInterval: snapshot.sampleInterval, ...snapshot.sampling }),
    survivors ? 'survivors of a collection only' : '',
    process.memoryUsage.rss > 0 ? `RSS ${formatSize(process.memoryUsage.rss)}` : '',
  ];
  return `${plainName(source)}: ${facts.filter((fact) => fact !== '').join(', ')}`;
}

export function statisticRows(rows: readonly Statistic[], styled: Styled): string[] {
  const header = ['size', '±', 'count', 'what', 'where'];
  const cells = rows.map((row) => [
    styled('bold', formatSize(row.size)),
    errorText(row),
    formatCount(row.count),
    whatText(row),
    whereText(row, styled),
  ]);
  return withStacks(
    rows,
    layOut(
      ['right', 'right', 'right', 'left', 'left'],
      [header.map((title) => styled('dim', title)), ...cells],
    ),
    styled,
  );
}

/** @param columns - of the terminal, if places are to be shortened to fit into them. */
export function diffRows(
  rows: readonly StatisticDiff[],
  styled: Styled,
  columns = Number.POSITIVE_INFINITY,
): string[] {
  const header = ['change', '±', 'size', 'count', 'what'];
  const figures = rows.map((row) => [
    styled(row.sizeDiff > 0 ? 'red' : 'green', formatSize(row.sizeDiff, { signed: true })),
    row.error > 0 ? formatSize(row.error) : '',
    formatSize(row.size),
    `${formatCount(row.count)} (${formatCount(row.countDiff, { signed: true })})`,
    whatText(row),
  ]);
  const taken = widthsOf([header, ...figures]).reduce((sum, width) => sum + width + GAP.length, 0);
  const cells = figures.map((row, i) => [...row, whereText(rows[i]!, styled, columns - taken)]);
  return withStacks(
    rows,
    layOut(
      ['right', 'right', 'right', 'right', 'left', 'left'],
      [[...header, 'where'].map((title) => styled('dim', title)), ...cells],
    ),
    styled,
    columns,
  );
}

// The standard error; nothing where it is not known or nothing was estimated.
function errorText({ size, error }: Statistic): string {
  return error > 0 && size > 0 ? `${Math.round((100 * error) / size)} %` : '';
}

// The largest type, unless it is only a small part of the size.
function whatText({ types, size }: Statistic | StatisticDiff): string {
  const [largest] = types;
  return largest !== undefined && largest.size > size / 4 ? plainName(largest.type) : '';
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
  const called =
    allocator === undefined ? '' : ` in ${plainName(allocatorName(allocator, kindOf(allocator)))}`;
  return frameText(frame, styled, room, called);
}

/** Where there is not enough room, the end of the path and the line are what is left. */
function frameText(
  frame: Frame,
  styled: Styled,
  room = Number.POSITIVE_INFINITY,
  called = '',
): string {
  const { place, name } = placeOf(frame);
  const notes = `${frame.approximate ? ' ~' : ''}${name === '' ? '' : ` ${name}`}${called}`;
  const file = `…${place.slice(Math.max(0, place.lastIndexOf('/')))}`;
  const least = Math.min(room, stringWidth(file));
  return endOf(place, Math.max(least, room - stringWidth(notes))) + (notes && styled('dim', notes));
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

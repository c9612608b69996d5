// SPDX-License-Identifier: MIT
// Statistics as the rows of a table for a terminal.
import type { Snapshot } from '../snapshot/snapshot.js';
import type { Statistic, StatisticDiff } from '../snapshot/statistic.js';
import { plainName } from '../text/plain-text.js';
import { formatCount, formatSize } from '../text/size.js';
import type { Frame } from '../traces/frame.js';
import type { styler } from './output.js';
import { layOut } from './table.js';
import { placeOf } from './view.js';

type Styled = ReturnType<typeof styler>;

/** A line for each snapshot: its process, time and precision. */
export function describeSnapshot(source: string, snapshot: Snapshot): string {
  const { process, timestamp, precision, sampleInterval, survivors } = snapshot;
  const facts = [
    process.pid > 0 ? `pid ${process.pid}` : '',
    process.threadId > 0 ? `worker ${process.threadId}` : '',
    process.nodeVersion && `Node ${plainName(process.nodeVersion)}`,
    timestamp > 0 ? new Date(timestamp).toISOString() : '',
    `${precision} precision`,
    sampleInterval > 0 ? `one sample per ${formatSize(sampleInterval)}` : '',
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

export function diffRows(rows: readonly StatisticDiff[], styled: Styled): string[] {
  const header = ['change', '±', 'size', 'count', 'what', 'where'];
  const cells = rows.map((row) => [
    styled(row.sizeDiff > 0 ? 'red' : 'green', formatSize(row.sizeDiff, { signed: true })),
    row.error > 0 ? formatSize(row.error) : '',
    formatSize(row.size),
    `${formatCount(row.count)} (${formatCount(row.countDiff, { signed: true })})`,
    whatText(row),
    whereText(row, styled),
  ]);
  return withStacks(
    rows,
    layOut(
      ['right', 'right', 'right', 'right', 'left', 'left'],
      [header.map((title) => styled('dim', title)), ...cells],
    ),
    styled,
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

function whereText({ traceback }: Statistic | StatisticDiff, styled: Styled): string {
  const frame = traceback.at(-1);
  return frame === undefined ? '' : frameText(frame, styled);
}

function frameText(frame: Frame, styled: Styled): string {
  const { place, name } = placeOf(frame);
  const mark = frame.approximate ? styled('dim', ' ~') : '';
  return `${place}${mark}${name === '' ? '' : ` ${styled('dim', name)}`}`;
}

// With the key type 'traceback' the callers follow each row.
function withStacks(
  rows: readonly (Statistic | StatisticDiff)[],
  [header, ...lines]: readonly string[],
  styled: Styled,
): string[] {
  return [
    header ?? '',
    ...lines.flatMap((line, i) => {
      const callers = rows[i]!.traceback.frames.slice(0, -1).reverse();
      return [line, ...callers.map((frame) => `    from ${frameText(frame, styled)}`)];
    }),
  ];
}

// SPDX-License-Identifier: MIT
// Tables for people, in Python's format.
import type { KeyType } from '../snapshot/grouping.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { Statistic, StatisticDiff } from '../snapshot/statistic.js';
import { formatSize } from '../text/size.js';
import type { ChargeOptions } from '../traces/charge.js';

/** What {@link toText} accepts. */
export interface TextOptions extends ChargeOptions {
  /** Default `'lineno'`. */
  keyType?: KeyType;
  /** Rows shown; default 10. */
  top?: number;
}

/**
 * The largest groups of a snapshot as `String(statistic)` has them, numbered, then one line for the
 * rest and one for the sum. With `'traceback'`, each row's stack follows it, allocating frame
 * first.
 *
 * @returns lines with a newline each. Python: the recipe "Display the top 10".
 * Cost: as `snapshot.statistics`.
 */
export function toText(
  snapshot: Snapshot,
  { keyType = 'lineno', top = 10, frames = 'all' }: TextOptions = {},
): string {
  const statistics = snapshot.statistics(keyType, { frames }).filter(({ size }) => size > 0);
  return table(statistics, top, (rows) => {
    const size = rows.reduce((sum, row) => sum + row.size, 0);
    return formatSize(size);
  });
}

/**
 * What changed from one snapshot to another, the largest change first, in the form of
 * {@link toText}. Groups that did not change are left out.
 *
 * @returns lines with a newline each. Cost: as `snapshot.compareTo`.
 */
export function diffToText(
  old: Snapshot,
  now: Snapshot,
  { keyType = 'lineno', top = 10, frames = 'all' }: TextOptions = {},
): string {
  const diffs = now
    .compareTo(old, keyType, { frames })
    .filter(({ sizeDiff, countDiff }) => sizeDiff !== 0 || countDiff !== 0);
  return table(diffs, top, (rows) => {
    const size = rows.reduce((sum, row) => sum + row.sizeDiff, 0);
    return formatSize(size, { signed: true });
  });
}

function table<Row extends Statistic | StatisticDiff>(
  rows: readonly Row[],
  top: number,
  sumOf: (rows: readonly Row[]) => string,
): string {
  const lines = rows.slice(0, top).flatMap((row, i) => {
    const stack = row.traceback.length > 1 ? row.traceback.format({ mostRecentFirst: true }) : [];
    return [`#${i + 1}: ${row}`, ...stack.map((line) => `  ${line}`)];
  });
  const rest = rows.slice(top);
  if (rest.length > 0) lines.push(`${rest.length} other: ${sumOf(rest)}`);
  lines.push(`Total: ${sumOf(rows)}`);
  return lines.map((line) => `${line}\n`).join('');
}

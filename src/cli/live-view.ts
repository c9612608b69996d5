// SPDX-License-Identifier: MIT
// What `tracemalloc live` shows: pure functions from a state to lines.
import type { KeyType } from '../snapshot/grouping.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { StatisticDiff } from '../snapshot/statistic.js';
import { plain, plainName } from '../text/plain-text.js';
import { formatSize } from '../text/size.js';
import type { styler } from './output.js';
import { describeSnapshot, diffRows } from './rows.js';
import { cut } from './table.js';
import { placeOf } from './view.js';

interface Reading {
  readonly rss: number;
  readonly heapUsed: number;
}

export interface LiveState {
  readonly source: string;
  /** Changes are counted from here. */
  first?: Snapshot | undefined;
  latest?: Snapshot | undefined;
  /** Oldest first. */
  readonly history: Reading[];
  /** Why there are no new figures; undefined: there is no problem. */
  problem?: string | undefined;
  sort: 'change' | 'size';
  key: KeyType;
  filter: string;
  /** Whether keys are typed into the filter. */
  isTyping: boolean;
  restarts: number;
}

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly styled: ReturnType<typeof styler>;
}

const HELP = 's sort · g group · / filter · r count changes from now · q quit';

export function liveView(state: LiveState, { columns, rows, styled }: Screen): string[] {
  const head = [
    ...headOf(state, styled),
    ...(state.history.length > 0 ? chart(state.history, columns) : []),
    styled('dim', state.isTyping ? `filter: ${plainName(state.filter)}_ (Enter ends)` : HELP),
    '',
  ];
  // Besides its rows, the table needs a line for its header, and the last line stays empty.
  const room = Math.max(1, rows - head.length - 2);
  const table = state.latest === undefined ? [] : tableOf(state, room, styled);
  return [...head, ...table].map((line) => cut(line, columns));
}

function headOf(state: LiveState, styled: Screen['styled']): string[] {
  const { source, latest, problem, restarts } = state;
  const times = restarts === 1 ? 'once' : `${restarts} times`;
  const name = restarts > 0 ? `${source}, restarted ${times}` : source;
  const title = latest === undefined ? `${name}: waiting` : describeSnapshot(name, latest);
  return [
    styled('bold', title),
    ...(problem === undefined ? [] : [styled('red', `${plain(problem)}; trying again`)]),
  ];
}

function tableOf(state: LiveState, room: number, styled: Screen['styled']): string[] {
  const { first, latest, sort, key, filter } = state;
  const all = latest!
    .compareTo(first ?? latest!, key)
    .filter(({ size, sizeDiff }) => size > 0 || sizeDiff !== 0);
  const wanted = all.filter((row) => textOf(row).includes(filter.toLowerCase()));
  const figure = (row: StatisticDiff) => (sort === 'size' ? row.size : row.sizeDiff);
  const sorted = wanted.sort((a, b) => figure(b) - figure(a) || b.size - a.size);
  const total = wanted.reduce((sum, row) => sum + row.sizeDiff, 0);
  const size = wanted.reduce((sum, row) => sum + row.size, 0);
  const summary =
    `${formatSize(size)} live (${formatSize(total, { signed: true })}) in ${wanted.length} sites, ` +
    `by ${key}, sorted by ${sort}${filter === '' ? '' : `, with "${plainName(filter)}"`}`;
  return [summary, ...diffRows(sorted.slice(0, room - 1), styled)];
}

function textOf({ traceback }: StatisticDiff): string {
  const frame = traceback.at(-1);
  if (frame === undefined) return '';
  const { place, name } = placeOf(frame);
  return `${place} ${name}`.toLowerCase();
}

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** One line for each kind of memory, scaled from the least to the most that was seen of it. */
function chart(history: readonly Reading[], columns: number): string[] {
  const kinds = [
    ['RSS', ({ rss }: Reading) => rss],
    ['heap', ({ heapUsed }: Reading) => heapUsed],
  ] as const;
  return kinds.map(([label, figure]) => {
    const seen = history.slice(-Math.max(10, columns - 40)).map(figure);
    const [least, most] = [Math.min(...seen), Math.max(...seen)];
    const bars = seen.map(
      (bytes) => BARS[Math.round(((bytes - least) / Math.max(1, most - least)) * 7)],
    );
    const range = `${formatSize(least)} to ${formatSize(most)}`;
    return `${label.padEnd(4)} ${formatSize(seen.at(-1) ?? 0).padStart(9)}  ${bars.join('')}  ${range}`;
  });
}

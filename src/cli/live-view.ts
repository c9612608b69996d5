// SPDX-License-Identifier: MIT
// What `tracemalloc live` shows: pure functions from a state to lines.

import { partWithLabels } from '../snapshot/by-label.js';
import { partOfType } from '../snapshot/by-type.js';
import type { KeyType } from '../snapshot/grouping.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { StatisticDiff } from '../snapshot/statistic.js';
import { plain, plainName } from '../text/plain-text.js';
import { formatSize } from '../text/size.js';
import type { Frames } from '../traces/charge.js';
import { type Frame, isNoPlace } from '../traces/frame.js';
import type { styler } from './output.js';
import { CHANGE, describeSnapshot, tableRows } from './rows.js';
import { cut, layOut } from './table.js';
import { placeOf } from './view.js';

interface RssAndHeap {
  readonly rss: number;
  readonly heapUsed: number;
}

export interface LiveState {
  readonly source: string;
  /** Changes are counted from here. */
  first?: Snapshot | undefined;
  latest?: Snapshot | undefined;
  /** Oldest first. */
  readonly history: RssAndHeap[];
  /** Why there are no new figures; undefined: there is no problem. */
  problem?: string | undefined;
  sort: 'change' | 'size';
  key: KeyType;
  readonly frames: Frames;
  filter: string;
  /** Whether keys are typed into the filter. */
  isTyping: boolean;
  /** In place of the table. */
  showsHelp: boolean;
  /** The row that Enter opens, from 0; there may be fewer rows. */
  marked: number;
  /** The site whose stacks are shown in place of the table. */
  opened?: Frame | undefined;
  restarts: number;
}

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly styled: ReturnType<typeof styler>;
}

const KEYS = [
  ['↑↓', 'mark', 'mark a row'],
  ['Enter', 'stacks', 'shows the stacks of the marked row, or the table again'],
  ['s', 'sort', 'sorts by what has grown, or by size'],
  ['g', 'group', 'groups by line, function, file or type of object'],
  ['/', 'filter', 'shows only places and names with the text that you type; Enter ends it'],
  ['r', 'reset', 'counts changes from now on'],
  ['?', 'help', 'shows this, or the table again'],
  ['q', 'quit', 'quits, as Ctrl+C does'],
] as const;

const COLUMNS = [
  ['change', 'bytes since this command began, or since r'],
  ['±', 'the standard error of the change'],
  ['size', 'live bytes now'],
  ['count', 'live objects now, and how many more than before'],
  ['what', 'the type that most of the bytes are of'],
  ['where', 'the line that is charged (--frames); in: what it calls; ~: the line is'],
  ['', 'approximate'],
] as const;

const HINT = KEYS.map(([key, name]) => `${key} ${name}`).join(' · ');

export function liveView(state: LiveState, { columns, rows, styled }: Screen): string[] {
  const head = [
    ...headOf(state, styled),
    ...(state.history.length > 0 ? chart(state.history, columns) : []),
    styled('dim', state.isTyping ? `filter: ${plainName(state.filter)}_ (Enter ends)` : HINT),
    '',
  ];
  // Besides its rows, the table needs a line for its header, and the last line stays empty.
  const room = Math.max(1, rows - head.length - 2);
  const table = state.latest === undefined ? [] : tableOf(state, { room, columns, styled });
  return [...head, ...(state.showsHelp ? help().slice(0, room + 1) : table)].map((line) =>
    cut(line, columns),
  );
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

function help(): string[] {
  const keys = KEYS.map(([key, , meaning]) => [key, meaning]);
  return layOut(['left', 'left'], [...keys, ['', ''], ...COLUMNS]);
}

function tableOf(
  state: LiveState,
  { room, columns, styled }: { room: number } & Omit<Screen, 'rows'>,
): string[] {
  const { sort, key, filter, opened, marked } = state;
  const rows = opened === undefined ? sitesOf(state) : stacksOf(state, opened);
  const total = rows.reduce((sum, row) => sum + row.sizeDiff, 0);
  const size = rows.reduce((sum, row) => sum + row.size, 0);
  const sum = `${formatSize(size)} live (${formatSize(total, { signed: true })})`;
  const shown = rows.slice(0, room - 1);
  if (opened !== undefined) {
    const { place, name } = placeOf(opened);
    const stacks = `in ${rows.length} ${rows.length === 1 ? 'stack' : 'stacks'} of`;
    const title = `${sum} ${stacks} ${key === 'filename' ? place : `${place} ${name}`}`;
    return [title, ...tableRows(CHANGE, shown, styled, columns)].slice(0, room + 1);
  }
  const summary =
    `${sum} in ${rows.length} sites, by ${key}, sorted by ${sort}` +
    (filter === '' ? '' : `, with "${plainName(filter)}"`);
  const [header, ...lines] = tableRows(CHANGE, shown, styled, columns - MARK.length);
  const at = Math.min(marked, shown.length - 1);
  const isMarkable = key !== 'traceback';
  const line = (text: string, i: number) =>
    (isMarkable && i === at ? MARK : ' '.repeat(MARK.length)) + text;
  return [summary, line(header ?? '', -1), ...lines.map(line)];
}

const MARK = '> ';

/** The rows of the table, as they are sorted and filtered. */
export function sitesOf({ first, latest, sort, key, frames, filter }: LiveState): StatisticDiff[] {
  return sorted(
    latest!
      .compareTo(first ?? latest!, key, { frames })
      .filter(({ size, sizeDiff }) => size > 0 || sizeDiff !== 0)
      .filter((row) => textOf(row).includes(filter.toLowerCase())),
    sort,
  );
}

function stacksOf({ first, latest, sort, key, frames }: LiveState, site: Frame): StatisticDiff[] {
  if (key === 'type') {
    const ofType = (snapshot: Snapshot) => partOfType(snapshot, site.filename);
    const stacks = ofType(latest!).compareTo(ofType(first ?? latest!), 'traceback', { frames });
    return sorted(stacks, sort);
  }
  if (key === 'label') {
    const labelled = (snapshot: Snapshot) => partWithLabels(snapshot, site.filename);
    const stacks = labelled(latest!).compareTo(labelled(first ?? latest!), 'traceback', { frames });
    return sorted(stacks, sort);
  }
  const isOfSite = ({ traceback }: StatisticDiff) => {
    const frame = traceback.at(-1);
    if (frame?.filename !== site.filename) return false;
    if (key === 'filename') return true;
    return key === 'function'
      ? frame.functionName === site.functionName
      : frame.lineno === site.lineno;
  };
  const stacks = latest!.compareTo(first ?? latest!, 'traceback', { frames });
  return sorted(stacks.filter(isOfSite), sort);
}

function sorted(rows: StatisticDiff[], sort: LiveState['sort']): StatisticDiff[] {
  const figure = (row: StatisticDiff) => (sort === 'size' ? row.size : row.sizeDiff);
  return rows.sort((a, b) => figure(b) - figure(a) || b.size - a.size);
}

function textOf({ traceback, allocator }: StatisticDiff): string {
  const frame = traceback.at(-1);
  if (frame === undefined) return '';
  const { place, name } = placeOf(frame);
  const maker = isNoPlace(frame) && allocator ? placeOf(allocator).place : '';
  return `${place} ${name} ${maker}`.toLowerCase();
}

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** One line for each kind of memory, scaled from the least to the most that was seen of it. */
function chart(history: readonly RssAndHeap[], columns: number): string[] {
  const kinds = [
    ['RSS', ({ rss }: RssAndHeap) => rss],
    ['heap', ({ heapUsed }: RssAndHeap) => heapUsed],
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

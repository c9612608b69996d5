// SPDX-License-Identifier: MIT
// Sums over the traces of each group. Groups keep their numbers from table to table, so that two
// snapshots can be compared.
import { shown, TracemallocError } from '../errors.js';
import { Frame } from '../traces/frame.js';
import { requireOptions } from '../traces/method-options.js';
import { DistinctSequences } from '../traces/sequences.js';
import type { TypeShare } from '../traces/trace.js';
import type { TraceTable } from '../traces/trace-table.js';
import { Traceback } from '../traces/traceback.js';
import { Statistic, type Totals } from './statistic.js';

/** What traces are grouped by. `'function'` has no counterpart in Python. */
export type KeyType = 'lineno' | 'filename' | 'traceback' | 'function';

/** How {@link Snapshot.statistics} groups. */
export interface GroupOptions {
  /**
   * Count a trace for every frame of its traceback, not only for the allocating one, to see which
   * code *caused* the memory. A frame that recurs in one traceback counts once (Python: each time).
   * Not with `'traceback'`. Default false.
   */
  cumulative?: boolean;
}

export const KEY_TYPES = [
  'lineno',
  'filename',
  'traceback',
  'function',
] as const satisfies readonly KeyType[];

interface Group {
  traceback: Traceback;
  readonly totals: Totals;
}

export class Grouping {
  readonly #keyType: KeyType;
  readonly #cumulative: boolean;
  readonly #idOfKey = new Map<string, number>();
  // For 'traceback': groups are stacks, as sequences of the keys of their frames.
  readonly #stacks = new DistinctSequences();

  /** @throws TracemallocError ERR_INVALID_ARGUMENT. */
  constructor(keyType: KeyType, options: GroupOptions) {
    requireOptions('grouping', options, ['cumulative']);
    const { cumulative = false } = options;
    if (!KEY_TYPES.includes(keyType)) {
      throw new TracemallocError(
        'ERR_INVALID_ARGUMENT',
        `keyType must be one of ${KEY_TYPES.join(', ')}, not ${shown(keyType)}`,
      );
    }
    if (cumulative && keyType === 'traceback') {
      throw new TracemallocError(
        'ERR_INVALID_ARGUMENT',
        "cumulative counts single frames, so it can't be used with keyType 'traceback'",
      );
    }
    this.#keyType = keyType;
    this.#cumulative = cumulative;
  }

  /** By the number of the group. */
  statistics(table: TraceTable): Map<number, Statistic> {
    const groups = this.#keyType === 'traceback' ? this.#byStack(table) : this.#byFrame(table);
    const statistics = new Map<number, Statistic>();
    for (const [id, { traceback, totals }] of groups) {
      statistics.set(id, new Statistic(traceback, totals));
    }
    return statistics;
  }

  #byStack(table: TraceTable): Map<number, Group> {
    const { stacks, ends, frames } = table.columns;
    const places = frames.map((frame) => this.#idOf(frame));
    const groups = new Map<number, Group>();
    const stack: number[] = [];
    for (let row = 0; row < table.length; row++) {
      const begin = table.begin(row);
      const depth = (ends[row] as number) - begin;
      for (let i = 0; i < depth; i++) stack[i] = places[stacks[begin + i] as number] as number;
      const id = this.#stacks.add(stack, depth);
      let group = groups.get(id);
      if (group === undefined) {
        group = { traceback: table.traceback(row), totals: zero() };
        groups.set(id, group);
      }
      add(group.totals, table, row);
    }
    return groups;
  }

  #byFrame(table: TraceTable): Map<number, Group> {
    const { stacks, ends, frames } = table.columns;
    const groups = new Map<number, Group>();
    const groupOf: (Group | undefined)[] = new Array(frames.length);
    const lastRow = new Map<Group, number>();
    for (let row = 0; row < table.length; row++) {
      const end = ends[row] as number;
      const first = this.#cumulative ? table.begin(row) : Math.max(end - 1, table.begin(row));
      for (let at = first; at < end; at++) {
        const id = stacks[at] as number;
        groupOf[id] ??= this.#join(groups, frames[id] as Frame);
        const group = groupOf[id] as Group;
        if (this.#cumulative) {
          if (lastRow.get(group) === row) continue;
          lastRow.set(group, row);
        }
        add(group.totals, table, row);
      }
    }
    return groups;
  }

  #join(groups: Map<number, Group>, frame: Frame): Group {
    const id = this.#idOf(frame);
    const shown = new Traceback([groupFrame(frame, this.#keyType)]);
    let group = groups.get(id);
    if (group === undefined) {
      group = { traceback: shown, totals: zero() };
      groups.set(id, group);
    } else if (shown.at(-1)?.approximate) {
      group.traceback = shown; // a part of the sum may belong to a neighbouring line
    }
    return group;
  }

  #idOf(frame: Frame): number {
    const key = keyOf(frame, this.#keyType);
    let id = this.#idOfKey.get(key);
    if (id === undefined) {
      id = this.#idOfKey.size;
      this.#idOfKey.set(key, id);
    }
    return id;
  }
}

/** Frames with the same key are one row. */
export function keyOf({ filename, lineno, column, functionName }: Frame, keyType: KeyType): string {
  switch (keyType) {
    case 'filename':
      return filename;
    case 'function':
      return `${filename}\0${functionName}`;
    case 'lineno':
      // As in Python: file and line, even if several functions share the line.
      return `${filename}\0${lineno || functionName}`;
    case 'traceback':
      return `${filename}\0${lineno}\0${column}\0${functionName}`;
  }
}

function groupFrame(frame: Frame, keyType: KeyType): Frame {
  const { filename, lineno, functionName, approximate } = frame;
  if (keyType === 'filename') return new Frame(filename, 0);
  if (keyType === 'function') {
    return new Frame(filename, 0, { functionName: functionName || '(anonymous)' });
  }
  return new Frame(filename, lineno, { functionName, approximate });
}

function zero(): Totals {
  return {
    size: 0,
    count: 0,
    allocatedSize: 0,
    allocatedCount: 0,
    samples: 0,
    variance: 0,
    types: undefined,
  };
}

// An unknown figure makes the sum unknown, since a sum with NaN is NaN.
function add(totals: Totals, { columns: { figures, types } }: TraceTable, row: number): void {
  totals.size += figures.size[row] as number;
  totals.count += figures.count[row] as number;
  totals.samples += figures.samples[row] as number;
  totals.variance += figures.variance[row] as number;
  totals.allocatedSize += figures.allocatedSize[row] as number;
  totals.allocatedCount += figures.allocatedCount[row] as number;
  for (const { type, size, count } of types[row] as readonly TypeShare[]) {
    totals.types ??= new Map();
    const share = totals.types.get(type);
    totals.types.set(type, {
      type,
      size: size + (share?.size ?? 0),
      count: count + (share?.count ?? 0),
    });
  }
}

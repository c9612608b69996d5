// SPDX-License-Identifier: MIT
// Sums over the traces of each group. Groups keep their numbers from table to table, so that two
// snapshots can be compared.
import { shown, TracemallocError } from '../errors.js';
import { AgeSum } from '../traces/age.js';
import {
  Allocators,
  allocatorIndex,
  type ChargeOptions,
  chargedIndex,
  FRAMES,
  type Frames,
  isChargeable,
} from '../traces/charge.js';
import { Frame, kindOf, LabelFrame, TypeFrame } from '../traces/frame.js';
import { labelsText } from '../traces/labels.js';
import { requireOptions } from '../traces/method-options.js';
import { DistinctSequences } from '../traces/sequences.js';
import { sharesOf, type TypeShare } from '../traces/trace.js';
import type { TraceTable } from '../traces/trace-table.js';
import { Traceback } from '../traces/traceback.js';
import { Statistic, type Totals } from './statistic.js';

/** What traces are grouped by. The last three have no counterpart in Python. */
export type KeyType = 'lineno' | 'filename' | 'traceback' | 'function' | 'type' | 'label';

/** How {@link Snapshot.statistics} groups. */
export interface GroupOptions extends ChargeOptions {
  /**
   * Count a trace for every frame that could be charged, not only for the innermost of them, to see
   * which code *caused* the memory. A frame that recurs in one traceback counts once (Python: each
   * time). Only with key types that are of frames: not with `'traceback'`, `'type'` and `'label'`.
   * Default false.
   */
  cumulative?: boolean;
}

export const KEY_TYPES = [
  'lineno',
  'filename',
  'traceback',
  'function',
  'type',
  'label',
] as const satisfies readonly KeyType[];

interface TraceGroup {
  traceback: Traceback;
  readonly totals: Totals;
}

export class Grouping {
  readonly #keyType: KeyType;
  readonly #cumulative: boolean;
  readonly #frames: Frames;
  readonly #idOfKey = new Map<string, number>();
  // For 'traceback': groups are stacks, as sequences of the keys of their frames.
  readonly #stacks = new DistinctSequences();

  /** @throws TracemallocError ERR_INVALID_ARGUMENT. */
  constructor(keyType: KeyType, options: GroupOptions) {
    requireOptions('grouping', options, ['cumulative', 'frames']);
    const { cumulative = false } = options;
    if (!KEY_TYPES.includes(keyType)) {
      throw new TracemallocError(
        'ERR_INVALID_ARGUMENT',
        `keyType must be one of ${KEY_TYPES.join(', ')}, not ${shown(keyType)}`,
      );
    }
    if (cumulative && ['traceback', 'type', 'label'].includes(keyType)) {
      throw new TracemallocError(
        'ERR_INVALID_ARGUMENT',
        `cumulative counts single frames, so it can't be used with keyType '${keyType}'`,
      );
    }
    this.#keyType = keyType;
    this.#cumulative = cumulative;
    this.#frames = framesOf(options);
  }

  /** By the number of the group. */
  statistics(table: TraceTable): Map<number, Statistic> {
    const groups = this.#groups(table, this.#keyType);
    const statistics = new Map<number, Statistic>();
    for (const [id, { traceback, totals }] of groups) {
      statistics.set(id, new Statistic(traceback, totals));
    }
    return statistics;
  }

  #groups(table: TraceTable, keyType: KeyType): Map<number, TraceGroup> {
    if (keyType === 'traceback') return this.#byStack(table);
    if (keyType === 'label') return this.#byLabels(table);
    return keyType === 'type' ? this.#byType(table) : this.#byFrame(table, keyType);
  }

  #byStack(table: TraceTable): Map<number, TraceGroup> {
    const { stacks, frames } = table.columns;
    const places = frames.map((frame) => this.#idOf(keyOf(frame, 'traceback')));
    const charges = new Charges(table, this.#frames);
    const groups = new Map<number, TraceGroup>();
    const stack: number[] = [];
    for (let row = 0; row < table.length; row++) {
      const begin = table.begin(row);
      const depth = charges.at(row) + 1;
      for (let i = 0; i < depth; i++) stack[i] = places[stacks[begin + i] as number] as number;
      const id = this.#stacks.add(stack, depth);
      let group = groups.get(id);
      if (group === undefined) {
        group = { traceback: table.traceback(row, depth), totals: zero() };
        groups.set(id, group);
      }
      add(group.totals, table, row);
      charges.addAllocator(group.totals, row, depth - 1);
    }
    return groups;
  }

  #byType(table: TraceTable): Map<number, TraceGroup> {
    const { figures, types } = table.columns;
    const charges = new Charges(table, this.#frames);
    const groups = new Map<number, TraceGroup>();
    for (let row = 0; row < table.length; row++) {
      const [size, count] = [figures.size[row] as number, figures.count[row] as number];
      const charged = charges.at(row);
      for (const share of sharesOf({ size, count, types: types[row] as readonly TypeShare[] })) {
        const id = this.#idOf(share.type);
        let group = groups.get(id);
        if (group === undefined) {
          group = { traceback: new Traceback([new TypeFrame(share.type)]), totals: zero() };
          groups.set(id, group);
        }
        addShare(group.totals, share, {
          part: size > 0 ? share.size / size : 1,
          samples: figures.samples[row] as number,
          variance: figures.variance[row] as number,
        });
        charges.addCharged(group.totals, row, { charged, size: share.size });
      }
    }
    return groups;
  }

  #byLabels(table: TraceTable): Map<number, TraceGroup> {
    const { figures } = table.columns;
    const charges = new Charges(table, this.#frames);
    const groups = new Map<number, TraceGroup>();
    for (let row = 0; row < table.length; row++) {
      const text = labelsText(table.origin(row).labels);
      const id = this.#idOf(text);
      let group = groups.get(id);
      if (group === undefined) {
        group = { traceback: new Traceback([new LabelFrame(text)]), totals: zero() };
        groups.set(id, group);
      }
      add(group.totals, table, row);
      const size = figures.size[row] as number;
      charges.addCharged(group.totals, row, { charged: charges.at(row), size });
    }
    return groups;
  }

  #byFrame(table: TraceTable, keyType: FrameKeyType): Map<number, TraceGroup> {
    const { stacks, frames } = table.columns;
    const charges = new Charges(table, this.#frames);
    const groups = new Map<number, TraceGroup>();
    const groupOf: (TraceGroup | undefined)[] = new Array(frames.length);
    const lastRow = new Map<TraceGroup, number>();
    for (let row = 0; row < table.length; row++) {
      const begin = table.begin(row);
      const charged = charges.at(row);
      for (let at = this.#cumulative ? 0 : charged; at >= 0 && at <= charged; at++) {
        const id = stacks[begin + at] as number;
        if (at < charged && !charges.isChargeable(id, stacks[begin + charged] as number)) continue;
        groupOf[id] ??= this.#join(groups, frames[id] as Frame, keyType);
        const group = groupOf[id] as TraceGroup;
        if (this.#cumulative) {
          if (lastRow.get(group) === row) continue;
          lastRow.set(group, row);
        }
        add(group.totals, table, row);
        if (!this.#cumulative) charges.addAllocator(group.totals, row, charged);
      }
    }
    return groups;
  }

  #join(groups: Map<number, TraceGroup>, frame: Frame, keyType: FrameKeyType): TraceGroup {
    const id = this.#idOf(keyOf(frame, keyType));
    const shown = new Traceback([groupFrame(frame, keyType)]);
    let group = groups.get(id);
    if (group === undefined) {
      group = { traceback: shown, totals: zero() };
      groups.set(id, group);
    } else if (shown.at(-1)?.approximate) {
      group.traceback = shown; // a part of the sum may belong to a neighbouring line
    }
    return group;
  }

  #idOf(key: string): number {
    let id = this.#idOfKey.get(key);
    if (id === undefined) {
      id = this.#idOfKey.size;
      this.#idOfKey.set(key, id);
    }
    return id;
  }
}

/** Which frame of each row of a table is charged. */
class Charges {
  readonly #table: TraceTable;
  readonly #frames: Frames;
  /** These by the number of the frame. */
  readonly #kinds: Uint8Array;
  readonly #places: string[] = [];

  constructor(table: TraceTable, frames: Frames) {
    this.#table = table;
    this.#frames = frames;
    // With 'all' every frame may be charged, whatever its kind.
    this.#kinds = new Uint8Array(table.columns.frames.length);
    if (frames !== 'all')
      table.columns.frames.forEach((frame, id) => {
        this.#kinds[id] = kindOf(frame);
      });
  }

  /** The index of the charged frame, the oldest being 0; -1: the row has no frames. */
  at(row: number): number {
    return chargedIndex(this.#stack(row), this.#frames);
  }

  /** Whether the frame with the number `caller` could be charged instead of `charged`. */
  isChargeable(caller: number, charged: number): boolean {
    const kinds = this.#kinds;
    return isChargeable(kinds[caller] as number, kinds[charged] as number, this.#frames);
  }

  addAllocator(totals: Totals, row: number, charged: number): void {
    const index = allocatorIndex(this.#stack(row), charged);
    if (index === undefined) return;
    this.#add(totals, row, { index, size: this.#table.columns.figures.size[row] as number });
  }

  /** The charged frame itself, where a group is no frame. */
  addCharged(totals: Totals, row: number, { charged, size }: { charged: number; size: number }) {
    if (charged >= 0) this.#add(totals, row, { index: charged, size });
  }

  #add(totals: Totals, row: number, { index, size }: { index: number; size: number }): void {
    const { stacks, frames } = this.#table.columns;
    const id = stacks[this.#table.begin(row) + index] as number;
    const frame = frames[id] as Frame;
    this.#places[id] ??= keyOf(frame, 'lineno');
    totals.allocators ??= new Allocators();
    totals.allocators.add(this.#places[id], frame, size);
  }

  #stack(row: number) {
    const { stacks, ends } = this.#table.columns;
    const begin = this.#table.begin(row);
    const kindAt = (index: number) => this.#kinds[stacks[begin + index] as number] as number;
    return { depth: Math.max(0, (ends[row] as number) - begin), kindAt };
  }
}

/** @throws TracemallocError ERR_INVALID_ARGUMENT. */
export function framesOf({ frames = 'all' }: ChargeOptions): Frames {
  if (FRAMES.includes(frames)) return frames;
  throw new TracemallocError(
    'ERR_INVALID_ARGUMENT',
    `frames must be one of ${FRAMES.join(', ')}, not ${shown(frames)}`,
  );
}

/** A key that frames have. */
export type FrameKeyType = Exclude<KeyType, 'type' | 'label'>;

/** Frames with the same key are one row. */
export function keyOf(
  { filename, lineno, column, functionName }: Frame,
  keyType: FrameKeyType,
): string {
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

function groupFrame(frame: Frame, keyType: FrameKeyType): Frame {
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
    ages: undefined,
    allocators: undefined,
  };
}

// An unknown figure makes the sum unknown, since a sum with NaN is NaN.
function add(totals: Totals, { columns: { figures, types, ages } }: TraceTable, row: number): void {
  totals.size += figures.size[row] as number;
  totals.count += figures.count[row] as number;
  totals.samples += figures.samples[row] as number;
  totals.variance += figures.variance[row] as number;
  totals.allocatedSize += figures.allocatedSize[row] as number;
  totals.allocatedCount += figures.allocatedCount[row] as number;
  for (const share of types[row] as readonly TypeShare[]) addType(totals, share);
  const age = ages?.[row];
  if (age === undefined) return;
  totals.ages ??= new AgeSum();
  totals.ages.add({ size: figures.size[row] as number, age });
}

function addShare(
  totals: Totals,
  share: TypeShare,
  { part, samples, variance }: { part: number; samples: number; variance: number },
): void {
  totals.size += share.size;
  totals.count += share.count;
  totals.samples += samples * part;
  totals.variance += variance * part;
  // These are known of whole stacks only.
  totals.allocatedSize = Number.NaN;
  totals.allocatedCount = Number.NaN;
  addType(totals, share);
}

function addType(totals: Totals, { type, size, count }: TypeShare): void {
  totals.types ??= new Map();
  const share = totals.types.get(type);
  totals.types.set(type, {
    type,
    size: size + (share?.size ?? 0),
    count: count + (share?.count ?? 0),
  });
}

// SPDX-License-Identifier: MIT
// Traces by columns: some tens of bytes per trace where objects take hundreds, and figures that can
// be summed without touching an object. A profile may have millions of traces.
import type { Age } from './age.js';
import type { Frame } from './frame.js';
import type { Labels } from './labels.js';
import { Trace, type TypeShare } from './trace.js';
import { Traceback } from './traceback.js';

/** Per trace; NaN: unknown. */
export interface FigureColumns {
  readonly size: Float64Array;
  readonly count: Float64Array;
  readonly allocatedSize: Float64Array;
  readonly allocatedCount: Float64Array;
  readonly samples: Float64Array;
  readonly variance: Float64Array;
}

export interface TraceColumns {
  readonly figures: FigureColumns;
  /** Per trace. */
  readonly types: readonly (readonly TypeShare[])[];
  /** Per trace; undefined: no age is known. */
  readonly ages?: readonly (Age | undefined)[] | undefined;
  /** Per trace, 0: unknown. */
  readonly totalFrames: Uint32Array;
  /** For each trace an index of `origins`, then indices of `frames`, oldest first. */
  readonly stacks: Uint16Array | Uint32Array;
  /** Per trace, where it begins and ends in `stacks`; several may overlap. */
  readonly begins: Uint32Array;
  readonly ends: Uint32Array;
  readonly frames: readonly Frame[];
  readonly origins: readonly TraceOrigin[];
}

/** What distinguishes traces with the same stack. */
export interface TraceOrigin {
  readonly domain: string;
  readonly labels: Labels;
}

export class TraceTable implements Iterable<Trace> {
  readonly columns: TraceColumns;

  constructor(columns: TraceColumns) {
    this.columns = columns;
  }

  get length(): number {
    return this.columns.types.length;
  }

  /** Frames of the longest stack. */
  get deepest(): number {
    const { ends } = this.columns;
    return ends.reduce((most, end, row) => Math.max(most, end - this.begin(row)), 0);
  }

  origin(row: number): TraceOrigin {
    const { origins, stacks, begins } = this.columns;
    return origins[stacks[begins[row] as number] as number] as TraceOrigin;
  }

  /** Where the frames of a trace begin in `stacks`; they end where `ends` says. */
  begin(row: number): number {
    return (this.columns.begins[row] as number) + 1;
  }

  /** @param depth - how many of its frames, from the oldest; default all. */
  traceback(row: number, depth = Number.POSITIVE_INFINITY): Traceback {
    const { stacks, ends, frames, totalFrames } = this.columns;
    const begin = this.begin(row);
    const end = Math.min(ends[row] as number, begin + depth);
    const kept: Frame[] = [];
    for (let at = begin; at < end; at++) kept.push(frames[stacks[at] as number] as Frame);
    return new Traceback(kept, totalFrames[row] || undefined);
  }

  trace(row: number): Trace {
    const { figures, types, ages } = this.columns;
    const age = ages?.[row];
    const allocatedSize = figures.allocatedSize[row] as number;
    const allocatedCount = figures.allocatedCount[row] as number;
    return new Trace({
      ...this.origin(row),
      size: figures.size[row] as number,
      count: figures.count[row] as number,
      allocatedSize: Number.isNaN(allocatedSize) ? undefined : allocatedSize,
      allocatedCount: Number.isNaN(allocatedCount) ? undefined : allocatedCount,
      samples: figures.samples[row] as number,
      variance: figures.variance[row] as number,
      types: types[row] as readonly TypeShare[],
      ...(age === undefined ? {} : { age }),
      traceback: this.traceback(row),
    });
  }

  /** Makes each trace when it is reached. */
  *[Symbol.iterator](): Generator<Trace, undefined> {
    for (let row = 0; row < this.length; row++) yield this.trace(row);
  }

  filter(keeps: (trace: Trace) => boolean): TraceTable {
    const rows: number[] = [];
    for (let row = 0; row < this.length; row++) if (keeps(this.trace(row))) rows.push(row);
    return this.#select(rows);
  }

  // The result shares frames and stacks with this table.
  #select(rows: readonly number[]): TraceTable {
    const { figures, types, ages, totalFrames, begins, ends } = this.columns;
    const floats = (column: Float64Array) =>
      Float64Array.from(rows, (row) => column[row] as number);
    const words = (column: Uint32Array) => Uint32Array.from(rows, (row) => column[row] as number);
    return new TraceTable({
      ...this.columns,
      figures: {
        size: floats(figures.size),
        count: floats(figures.count),
        allocatedSize: floats(figures.allocatedSize),
        allocatedCount: floats(figures.allocatedCount),
        samples: floats(figures.samples),
        variance: floats(figures.variance),
      },
      types: rows.map((row) => types[row] as readonly TypeShare[]),
      ages: ages && rows.map((row) => ages[row]),
      totalFrames: words(totalFrames),
      begins: words(begins),
      ends: words(ends),
    });
  }
}

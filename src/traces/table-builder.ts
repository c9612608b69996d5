// SPDX-License-Identifier: MIT
// Fills a table of traces, row by row. When gathering, traces of the same domain, labels and stack
// become one: figures are added up, so estimates stay unbiased whatever their intervals were, and
// variances add up, too.
import { type Age, ageOfBoth } from './age.js';
import type { Frame } from './frame.js';
import { type Labels, labelsText, NO_LABELS } from './labels.js';
import { DistinctSequences, enlarged, Sequences } from './sequences.js';
import type { Trace, TraceFigures, TypeShare } from './trace.js';
import { type FigureColumns, type TraceOrigin, TraceTable } from './trace-table.js';

/** A trace without its stack. */
export type RowFigures = Omit<TraceFigures, 'traceback'>;

export interface RowStack {
  /** Numbers of frames, oldest first: the first `depth` of the list. */
  readonly stack: ArrayLike<number>;
  readonly depth: number;
  /** 0: unknown. */
  readonly totalFrames: number;
}

const FIGURES = [
  'size',
  'count',
  'allocatedSize',
  'allocatedCount',
  'samples',
  'variance',
] as const satisfies (keyof FigureColumns)[];

export class TableBuilder {
  readonly #stacks: Sequences;
  readonly #figures: { -readonly [K in keyof FigureColumns]: FigureColumns[K] };
  #totalFrames: Uint32Array;
  readonly #types: (readonly TypeShare[])[] = [];
  // From the first row that has one.
  #ages: (Age | undefined)[] | undefined;
  readonly #frames: Frame[] = [];
  readonly #idOfFrame = new Map<Frame, number>();
  // Only when gathering, where equal frames must be one.
  readonly #idOfPlace: Map<string, number> | undefined;
  readonly #origins: TraceOrigin[] = [];
  readonly #idOfOrigin = new Map<string, number>();
  // Origin and frames of the row that is being added.
  readonly #key: number[] = [];

  /** @param stacks - DistinctSequences to gather; otherwise each added trace has its own row. */
  constructor(stacks: Sequences) {
    this.#stacks = stacks;
    if (stacks instanceof DistinctSequences) this.#idOfPlace = new Map();
    const rows = stacks.capacity;
    this.#totalFrames = new Uint32Array(rows);
    this.#figures = {
      size: new Float64Array(rows),
      count: new Float64Array(rows),
      allocatedSize: new Float64Array(rows),
      allocatedCount: new Float64Array(rows),
      samples: new Float64Array(rows),
      variance: new Float64Array(rows),
    };
  }

  /** A frame's number for {@link add}; when gathering, equal frames have the same number. */
  frame(frame: Frame): number {
    let id = this.#idOfFrame.get(frame);
    if (id === undefined) {
      id = this.#numberOf(frame);
      this.#idOfFrame.set(frame, id);
    }
    return id;
  }

  add(row: RowFigures, { stack, depth, totalFrames }: RowStack): void {
    this.#key[0] = this.#origin(row.domain, row.labels);
    for (let i = 0; i < depth; i++) this.#key[i + 1] = stack[i] as number;
    this.#addKeyed(row, depth + 1, totalFrames);
  }

  addTrace(trace: Trace): void {
    const { frames, totalFrames = 0 } = trace.traceback;
    this.#key[0] = this.#origin(trace.domain, trace.labels);
    for (let i = 0; i < frames.length; i++) this.#key[i + 1] = this.frame(frames[i] as Frame);
    this.#addKeyed(trace, frames.length + 1, totalFrames);
  }

  build(): TraceTable {
    const { begins, ends, items } = this.#stacks;
    const length = this.#types.length;
    const figures = { ...this.#figures };
    for (const name of FIGURES) figures[name] = figures[name].subarray(0, length);
    return new TraceTable({
      figures,
      types: this.#types,
      ages: this.#ages,
      totalFrames: this.#totalFrames.subarray(0, length),
      stacks: items,
      begins,
      ends,
      frames: this.#frames,
      origins: this.#origins,
    });
  }

  #numberOf(frame: Frame): number {
    if (this.#idOfPlace === undefined) return this.#frames.push(frame) - 1;
    const { filename, lineno, column, functionName, approximate } = frame;
    const place = `${lineno}:${column}:${approximate}:${functionName}\0${filename}`;
    const id = this.#idOfPlace.get(place) ?? this.#frames.push(frame) - 1;
    this.#idOfPlace.set(place, id);
    return id;
  }

  #addKeyed(row: RowFigures, length: number, totalFrames: number): void {
    const known = this.#types.length;
    const id = this.#stacks.add(this.#key, length);
    if (id === known) this.#append(row, totalFrames);
    else this.#addTo(id, row);
  }

  #origin(domain: string, labels: Labels = NO_LABELS): number {
    const key = labels === NO_LABELS ? domain : `${domain}\0${labelsText(labels)}`;
    let id = this.#idOfOrigin.get(key);
    if (id === undefined) {
      id = this.#origins.push({ domain, labels }) - 1;
      this.#idOfOrigin.set(key, id);
    }
    return id;
  }

  #append(row: RowFigures, totalFrames: number): void {
    const id = this.#types.push(row.types) - 1;
    if (id === this.#totalFrames.length) {
      this.#totalFrames = enlarged(this.#totalFrames, id + 1);
      for (const name of FIGURES) this.#figures[name] = enlarged(this.#figures[name], id + 1);
    }
    if (row.age !== undefined) this.#ages ??= new Array(id).fill(undefined);
    this.#ages?.push(row.age);
    // Zeros are there already, and take no memory as long as nothing is written near them.
    if (totalFrames !== 0) this.#totalFrames[id] = totalFrames;
    for (const name of FIGURES) {
      const figure = row[name] ?? Number.NaN;
      if (figure !== 0) this.#figures[name][id] = figure;
    }
  }

  // An unknown figure makes the sum unknown, since a sum with NaN is NaN.
  #addTo(id: number, row: RowFigures): void {
    // Before their sizes are added up.
    if (row.age !== undefined) this.#ages ??= new Array(this.#types.length).fill(undefined);
    if (this.#ages !== undefined) {
      const known = { size: this.#figures.size[id] as number, age: this.#ages[id] };
      this.#ages[id] = ageOfBoth(known, row);
    }
    for (const name of FIGURES) {
      const column = this.#figures[name];
      column[id] = (column[id] as number) + (row[name] ?? Number.NaN);
    }
    const types = this.#types[id] as readonly TypeShare[];
    if (row.types.length > 0) this.#types[id] = sumOfTypes(types, row.types);
  }
}

/** The same traces in the same order. */
export function tabulate(traces: Iterable<Trace>): TraceTable {
  return filled(new TableBuilder(new Sequences()), traces);
}

/** One trace for each domain, set of labels, and stack. */
export function gather(traces: Iterable<Trace>): TraceTable {
  return filled(new TableBuilder(new DistinctSequences()), traces);
}

function filled(builder: TableBuilder, traces: Iterable<Trace>): TraceTable {
  for (const trace of traces) builder.addTrace(trace);
  return builder.build();
}

function sumOfTypes(a: readonly TypeShare[], b: readonly TypeShare[]): TypeShare[] {
  const types = new Map(a.map((share) => [share.type, share]));
  for (const { type, size, count } of b) {
    const share = types.get(type);
    types.set(type, { type, size: size + (share?.size ?? 0), count: count + (share?.count ?? 0) });
  }
  return [...types.values()].sort((x, y) => y.size - x.size);
}

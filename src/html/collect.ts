// SPDX-License-Identifier: MIT
// Snapshots to what the page of a report holds.
import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Frame } from '../snapshot/frame.js';
import { isDependency } from '../snapshot/roll-up.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { Trace } from '../snapshot/trace.js';
import { KIND, type MemoryRow, type ReportData, type SnapshotNote } from './report-data.js';

export interface Input {
  readonly snapshot: Snapshot;
  /** For the reader of the report: the file or address it came from. */
  readonly source: string;
}

export interface CollectOptions {
  /** Show the text of each line, where its file can be read. */
  readonly sources: boolean;
}

export function collect(now: Input, old: Input | undefined, options: CollectOptions): ReportData {
  const tables = new Tables(options.sources ? readLine() : () => '');
  const rows = new Map<string, { now?: Trace; old?: Trace; node: number }>();
  const add = (side: 'now' | 'old', { snapshot }: Input) => {
    for (const trace of snapshot.traces) {
      const node = tables.node(trace.traceback.frames);
      const key = `${node} ${trace.domain}`;
      const row = rows.get(key) ?? { node };
      rows.set(key, row);
      row[side] = row[side] === undefined ? trace : sumOf(row[side], trace);
    }
  };
  add('now', now);
  if (old !== undefined) add('old', old);
  const traces = [...rows.values()].flatMap((row) => {
    const { domain } = (row.now ?? row.old)!;
    const figures = [row.now?.size, row.now?.count, Math.sqrt(row.now?.variance ?? 0)];
    const before = [row.old?.size, row.old?.count, Math.sqrt(row.old?.variance ?? 0)];
    return [
      row.node,
      tables.text(domain),
      tables.text(row.now?.types[0]?.type ?? ''),
      ...figures.map((figure) => Math.round(figure ?? 0)),
      row.now?.samples ?? 0,
      Math.round(row.now === undefined ? 0 : (row.now.allocatedSize ?? -1)),
      ...before.map((figure) => Math.round(figure ?? 0)),
    ];
  });
  return {
    version: 1,
    now: noteOf(now),
    old: old && noteOf(old),
    memory: memoryOf(now.snapshot, old?.snapshot),
    strings: tables.strings,
    frames: tables.frames,
    nodes: tables.nodes,
    traces,
  };
}

// Columns are not shown: stacks that differ in nothing else are one.
function sumOf(a: Trace, b: Trace): Trace {
  const sum = (x?: number, y?: number) => (x === undefined || y === undefined ? undefined : x + y);
  return {
    ...a,
    size: a.size + b.size,
    count: a.count + b.count,
    samples: a.samples + b.samples,
    variance: a.variance + b.variance,
    allocatedSize: sum(a.allocatedSize, b.allocatedSize),
    types: [...a.types, ...b.types].sort((x, y) => y.size - x.size),
  };
}

function noteOf({ snapshot, source }: Input): SnapshotNote {
  const { timestamp, precision, sampleInterval, process } = snapshot;
  const { pid, threadId, nodeVersion } = process;
  return { source, timestamp, pid, threadId, nodeVersion, precision, sampleInterval };
}

const USAGE_LABELS = {
  rss: 'resident (RSS)',
  heapTotal: 'heap reserved',
  heapUsed: 'heap used',
  external: 'outside the heap',
} as const;

function memoryOf({ process }: Snapshot, old: Snapshot | undefined): MemoryRow[] {
  if (process.memoryUsage.rss === 0) return []; // a foreign profile does not know
  const before = old?.process.memoryUsage;
  return Object.entries(USAGE_LABELS).map(([key, label]) => ({
    label,
    bytes: process.memoryUsage[key as keyof typeof USAGE_LABELS],
    old: before && before.rss > 0 ? before[key as keyof typeof USAGE_LABELS] : undefined,
  }));
}

class Tables {
  readonly strings: string[] = [''];
  readonly frames: number[] = [];
  readonly nodes: number[] = [];
  readonly #texts = new Map<string, number>([['', 0]]);
  readonly #frameIds = new Map<string, number>();
  readonly #nodeIds = new Map<string, number>();
  readonly #sourceOf: (frame: Frame) => string;

  constructor(sourceOf: (frame: Frame) => string) {
    this.#sourceOf = sourceOf;
  }

  text(text: string): number {
    return once(this.#texts, text, () => this.strings.push(text) - 1);
  }

  node(frames: readonly Frame[]): number {
    let node = -1;
    for (const frame of frames) {
      const id = this.#frame(frame);
      node = once(this.#nodeIds, `${node} ${id}`, () => this.nodes.push(node, id) / 2 - 1);
    }
    return node;
  }

  #frame(frame: Frame): number {
    const { filename, lineno, functionName, approximate } = frame;
    const key = `${lineno}:${approximate}:${functionName}\0${filename}`;
    return once(this.#frameIds, key, () => {
      const id = this.#frameIds.size;
      this.frames.push(
        this.text(filename),
        lineno,
        this.text(functionName),
        kindOf(frame),
        approximate ? 1 : 0,
        this.text(this.#sourceOf(frame)),
      );
      return id;
    });
  }
}

function once<K>(map: Map<K, number>, key: K, make: () => number): number {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function kindOf(frame: Frame): number {
  if (frame.isInternal) return KIND.internal;
  return isDependency(frame) ? KIND.dependency : KIND.application;
}

const LONGEST_LINE = 160;

// Each file is read once. What is not there, or not a file, has no lines.
function readLine(): (frame: Frame) => string {
  const files = new Map<string, readonly string[]>();
  return ({ filename, lineno }) => {
    if (!isAbsolute(filename) || lineno === 0) return '';
    let lines = files.get(filename);
    if (lines === undefined) {
      try {
        lines = readFileSync(filename, 'utf8').split(/\r\n|[\n\r]/);
      } catch {
        lines = [];
      }
      files.set(filename, lines);
    }
    const text = lines[lineno - 1]?.trim() ?? '';
    return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;
  };
}

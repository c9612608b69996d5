// SPDX-License-Identifier: MIT
// The report's data as objects: frames, a tree of stacks, traces at its nodes.
import { FRAME, KIND, READING, type ReportData, TRACE } from '../html/report-data.js';

export interface PageFrame {
  /** The same for all frames that are shown as the same. */
  readonly place: string;
  readonly filename: string;
  readonly lineno: number;
  readonly functionName: string;
  readonly kind: number;
  readonly approximate: boolean;
  /** Text of the line; empty: unknown. */
  readonly source: string;
}

export interface Node {
  readonly id: number;
  readonly parent: Node | undefined;
  readonly frame: PageFrame;
}

export interface PageTrace {
  readonly node: Node;
  readonly domain: string;
  readonly type: string;
  readonly size: number;
  readonly count: number;
  readonly error: number;
  readonly samples: number;
  readonly allocatedSize: number | undefined;
  readonly oldSize: number;
  readonly oldCount: number;
  readonly oldError: number;
}

/** The process's memory at a moment, bytes. */
export interface Reading {
  readonly time: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly traced: number;
}

/**
 * Which frame is charged: the innermost of the application, with or without dependencies, or of
 * all.
 */
export type Charge = 'app' | 'own' | 'all';

const HIGHEST_KIND: Readonly<Record<Charge, number>> = {
  app: KIND.dependency,
  own: KIND.application,
  all: KIND.internal,
};

export function isCharged(frame: PageFrame, charge: Charge): boolean {
  return frame.kind <= HIGHEST_KIND[charge];
}

export function readFrames(flat: readonly number[], strings: readonly string[]): PageFrame[] {
  const text = (id: number) => strings[id] ?? '';
  return rows(flat, FRAME).map(([filename, lineno, name, kind, approximate, source]): PageFrame => {
    const place = [text(filename!), lineno, text(name!)].join('\0');
    return {
      place,
      filename: text(filename!),
      lineno: lineno!,
      functionName: text(name!),
      kind: kind!,
      approximate: approximate === 1,
      source: text(source!),
    };
  });
}

export function readTraces(data: ReportData): PageTrace[] {
  const { strings } = data;
  const frames = readFrames(data.frames, strings);
  const nodes: Node[] = [];
  for (const [parent, frame] of rows(data.nodes, 2)) {
    nodes.push({ id: nodes.length, parent: nodes[parent!], frame: frames[frame!]! });
  }
  return rows(data.traces, TRACE).map((row): PageTrace => {
    const [node, ...rest] = row as [number, ...number[]];
    const [oldSize, oldCount, oldError] = row.slice(8) as [number, number, number];
    return { node: nodes[node]!, ...readFigures(rest, strings), oldSize, oldCount, oldError };
  });
}

/** The part of a row between its node and its older figures. */
export type Figures = Omit<PageTrace, 'node' | 'oldSize' | 'oldCount' | 'oldError'>;

export function readFigures(row: readonly number[], strings: readonly string[]): Figures {
  const [domain, type, size, count, error, samples, allocated] = row as Seven<number>;
  return {
    domain: strings[domain] ?? '',
    type: strings[type] ?? '',
    size,
    count,
    error,
    samples,
    allocatedSize: allocated < 0 ? undefined : allocated,
  };
}

type Seven<T> = [T, T, T, T, T, T, T];

export function readHistory(flat: readonly number[]): Reading[] {
  return rows(flat, READING).map(([time, rss, heapUsed, external, traced]) => ({
    time: time!,
    rss: rss!,
    heapUsed: heapUsed!,
    external: external!,
    traced: traced!,
  }));
}

export function rows(flat: readonly number[], width: number): number[][] {
  const made: number[][] = [];
  for (let i = 0; i < flat.length; i += width) made.push(flat.slice(i, i + width));
  return made;
}

/** From the oldest frame to `node`. */
export function stackOf(node: Node): Node[] {
  const stack: Node[] = [];
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) stack.push(at);
  return stack.reverse();
}

/** The node to which a trace is charged; without a frame of the wanted kind, its own node. */
export function chargedNode(trace: PageTrace, charge: Charge): Node {
  for (let at: Node | undefined = trace.node; at !== undefined; at = at.parent) {
    if (isCharged(at.frame, charge)) return at;
  }
  return trace.node;
}

// SPDX-License-Identifier: MIT
// The report's data as objects: frames, a tree of stacks, traces at its nodes.
import { LIVE_TRACE } from '../html/live-data.js';
import { FRAME, READING, type ReportData, TRACE } from '../html/report-data.js';
import type { Age } from '../traces/age.js';
import { allocatorIndex, chargedIndex, type Frames } from '../traces/charge.js';
import { turn } from './dom.js';

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
  /** Empty: none. */
  readonly labels: string;
  readonly type: string;
  readonly size: number;
  readonly count: number;
  readonly error: number;
  readonly samples: number;
  readonly allocatedSize: number | undefined;
  /** Undefined: unknown, or nothing lives. */
  readonly moments: Moments | undefined;
  readonly oldSize: number;
  readonly oldCount: number;
  readonly oldError: number;
}

/** When what lives was allocated, seconds since the epoch. */
export interface Moments {
  readonly mean: number;
  readonly first: number;
  /** Mean number of collections survived; undefined: unknown. */
  readonly collections: number | undefined;
}

/** At a time, ms since the epoch. */
export function ageAt(time: number, { mean, first, collections }: Moments): Age {
  const since = (moment: number) => Math.max(0, time / 1000 - moment);
  return { mean: since(mean), oldest: since(first), collections };
}

/** The process's memory at a moment, bytes. */
export interface Reading {
  readonly time: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly traced: number;
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

/** In steps, between which the page can answer. */
export async function readTraces(data: ReportData): Promise<PageTrace[]> {
  const { strings } = data;
  const frames = readFrames(data.frames, strings);
  await turn();
  const nodes: Node[] = [];
  for (let at = 0; at < data.nodes.length; at += 2) {
    const [parent, frame] = [nodes[data.nodes[at]!], frames[data.nodes[at + 1]!]!];
    nodes.push({ id: nodes.length, parent, frame });
  }
  await turn();
  return rows(data.traces, TRACE).map((row): PageTrace => {
    const [node, ...rest] = row as [number, ...number[]];
    const [oldSize, oldCount, oldError] = row.slice(LIVE_TRACE) as [number, number, number];
    return { node: nodes[node]!, ...readFigures(rest, strings), oldSize, oldCount, oldError };
  });
}

/** The part of a row between its node and its older figures. */
export type Figures = Omit<PageTrace, 'node' | 'oldSize' | 'oldCount' | 'oldError'>;

export function readFigures(row: readonly number[], strings: readonly string[]): Figures {
  const [domain, labels, type, size, count, error, samples, allocated] = row as Eight<number>;
  const [mean = 0, first = 0, tenths = -1] = row.slice(8);
  const collections = tenths < 0 ? undefined : tenths / 10;
  return {
    domain: strings[domain] ?? '',
    labels: strings[labels] ?? '',
    type: strings[type] ?? '',
    size,
    count,
    error,
    samples,
    allocatedSize: allocated < 0 ? undefined : allocated,
    moments: mean === 0 ? undefined : { mean, first, collections },
  };
}

type Eight<T> = [T, T, T, T, T, T, T, T];

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

/** The node that is charged with a trace, and what allocated for it. */
export function chargeOf(
  trace: PageTrace,
  frames: Frames,
): { node: Node; allocator: PageFrame | undefined } {
  const nodes = stackOf(trace.node);
  const stack = { depth: nodes.length, kindAt: (index: number) => nodes[index]!.frame.kind };
  const charged = chargedIndex(stack, frames);
  const allocator = allocatorIndex(stack, charged);
  return {
    node: nodes[charged]!,
    allocator: allocator === undefined ? undefined : nodes[allocator]!.frame,
  };
}

// SPDX-License-Identifier: MIT
// Builds the tree of a flame graph from traces.
import { type Frames, isChargeable } from '../traces/charge.js';
import { churnOf } from '../traces/churn.js';
import { chargeOf, type PageFrame, type PageTrace, stackOf } from './model.js';

export type BytesShown = 'live' | 'allocated' | 'churn';

export interface FlameDatum {
  readonly name: string;
  readonly frame: PageFrame | undefined;
  /** BytesShown of it and of all its callees. */
  value: number;
  /** Growth of BytesShown since the older snapshot. */
  delta: number;
  children: FlameDatum[];
}

/** More would block the page when they are drawn, and be narrower than a pixel. */
const MOST_FRAMES = 2000;

export interface FlameOptions {
  readonly bytes: BytesShown;
  /** Frames that can't be charged are left out, but for the allocator. */
  readonly frames: Frames;
}

export function flameTree(
  traces: readonly PageTrace[],
  { bytes, frames }: FlameOptions,
): FlameDatum {
  const root: FlameDatum = { name: 'all', frame: undefined, value: 0, delta: 0, children: [] };
  const index: Index = new Map();
  for (const trace of traces) {
    const shown = { live: trace.size, allocated: trace.allocatedSize, churn: churnOf(trace) };
    const value = shown[bytes] ?? 0;
    const delta = trace.size - trace.oldSize;
    if (value <= 0) continue;
    const { node, allocator } = chargeOf(trace, frames);
    const stack = stackOf(node).map(({ frame }) => frame);
    const kept = stack.filter(({ kind }) => isChargeable(kind, node.frame.kind, frames));
    if (allocator !== undefined) kept.push(allocator);
    let at = root;
    root.value += value;
    root.delta += delta;
    for (const frame of kept) {
      at = childOf(index, at, frame);
      at.value += value;
      at.delta += delta;
    }
  }
  keepLargest(root);
  return root;
}

type Index = Map<FlameDatum, Map<string, FlameDatum>>;

function keepLargest(root: FlameDatum): void {
  // Breadth first: a caller, which is at least as large as what it calls, stays before it.
  const all = [root];
  for (const { children } of all) all.push(...children);
  if (all.length <= MOST_FRAMES) return;
  const kept = new Set(all.sort((a, b) => b.value - a.value).slice(0, MOST_FRAMES));
  for (const datum of kept) datum.children = datum.children.filter((child) => kept.has(child));
}

function childOf(index: Index, parent: FlameDatum, frame: PageFrame): FlameDatum {
  let children = index.get(parent);
  if (children === undefined) {
    children = new Map();
    index.set(parent, children);
  }
  let child = children.get(frame.place);
  if (child === undefined) {
    child = { name: nameOf(frame), frame, value: 0, delta: 0, children: [] };
    children.set(frame.place, child);
    parent.children.push(child);
  }
  return child;
}

function nameOf({ functionName, filename, lineno }: PageFrame): string {
  const file = filename.slice(filename.lastIndexOf('/') + 1);
  const place = lineno > 0 ? `${file}:${lineno}` : file;
  return functionName === '' ? place : `${functionName} ${place}`;
}

// SPDX-License-Identifier: MIT
// Builds the tree of a flame graph from traces.
import { type Charge, isCharged, type PageFrame, type PageTrace, stackOf } from './model.js';

export type BytesShown = 'live' | 'allocated';

export interface FlameDatum {
  readonly name: string;
  readonly frame: PageFrame | undefined;
  /** BytesShown of it and of all its callees. */
  value: number;
  /** Growth of BytesShown since the older snapshot. */
  delta: number;
  readonly children: FlameDatum[];
}

export interface FlameOptions {
  readonly bytes: BytesShown;
  /** Frames that can't be charged are left out. */
  readonly charge: Charge;
}

export function flameTree(
  traces: readonly PageTrace[],
  { bytes, charge }: FlameOptions,
): FlameDatum {
  const root: FlameDatum = { name: 'all', frame: undefined, value: 0, delta: 0, children: [] };
  const index = new Map<FlameDatum, Map<string, FlameDatum>>();
  for (const trace of traces) {
    const value = bytes === 'live' ? trace.size : (trace.allocatedSize ?? 0);
    const delta = trace.size - trace.oldSize;
    if (value <= 0) continue;
    const stack = stackOf(trace.node).map(({ frame }) => frame);
    const kept = stack.filter((frame) => isCharged(frame, charge));
    let at = root;
    root.value += value;
    root.delta += delta;
    for (const frame of kept.length > 0 ? kept : stack.slice(-1)) {
      at = childOf(index, at, frame);
      at.value += value;
      at.delta += delta;
    }
  }
  return root;
}

function childOf(
  index: Map<FlameDatum, Map<string, FlameDatum>>,
  parent: FlameDatum,
  frame: PageFrame,
): FlameDatum {
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

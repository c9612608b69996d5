// SPDX-License-Identifier: MIT
// Tracebacks merged from their oldest frame on: the shape of flame graphs and of V8's heap
// profiles.
import type { Frame } from '../traces/frame.js';
import type { Trace } from '../traces/trace.js';

export interface StackNode {
  /** Undefined: the root. */
  readonly frame: Frame | undefined;
  readonly children: readonly StackNode[];
  /** The traces whose allocating frame this is. */
  readonly traces: readonly Trace[];
}

interface Building extends StackNode {
  readonly children: Building[];
  readonly traces: Trace[];
  readonly byFrame: Map<string, Building>;
}

export function stackTree(traces: readonly Trace[]): StackNode {
  const root = makeNode(undefined);
  for (const trace of traces) {
    let node = root;
    for (const frame of trace.traceback) node = childOf(node, frame);
    node.traces.push(trace);
  }
  return root;
}

function childOf(node: Building, frame: Frame): Building {
  const { filename, functionName, lineno, column } = frame;
  const key = `${lineno}:${column}:${functionName}\0${filename}`;
  let child = node.byFrame.get(key);
  if (child === undefined) {
    child = makeNode(frame);
    node.byFrame.set(key, child);
    node.children.push(child);
  }
  return child;
}

function makeNode(frame: Frame | undefined): Building {
  return { frame, children: [], traces: [], byFrame: new Map() };
}
